package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/page"
	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/internal/quiet"
	"github.com/tailspan/tailspan/internal/server"
	"github.com/tailspan/tailspan/internal/systemd"
	"github.com/tailspan/tailspan/pkg/parse"
)

// configFlag adds the flag that nearly every command has.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "config", "c", "", "configuration `FILE` (required)")
	_ = cmd.MarkFlagRequired("config") // the flag was defined in the line above, as it was for the next one
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
}

// pipelineFlag adds the flag that chooses a pipeline.
func pipelineFlag(cmd *cobra.Command, name *string, usage string) {
	cmd.Flags().StringVarP(name, "pipeline", "p", "", "the `NAME` of "+usage)
	_ = cmd.RegisterFlagCompletionFunc("pipeline", completePipelines) // fails where there is no such flag
}

// load reads the configuration; what is wrong with it is the user's to correct.
func load(path string) (*config.Config, error) {
	cfg, err := config.Load(path)
	if err != nil {
		return nil, usageError{err}
	}
	return cfg, nil
}

// loadToRun reads the configuration for a command that ships by it: there must be an output, and the parsers must do. Every mistake is
// said at once.
func loadToRun(path string) (*config.Config, []*parse.Parser, error) {
	cfg, err := load(path)
	if err != nil {
		return nil, nil, err
	}
	parsers, err := pipeline.Parsers(cfg)
	if err = errors.Join(err, cfg.RunErrors()); err != nil {
		return nil, nil, usageError{err}
	}
	return cfg, parsers, nil
}

func runCommand() *cobra.Command {
	var path string
	var once bool
	cmd := &cobra.Command{
		Use:   "run --config FILE [--once]",
		Short: "Ship log files",
		Long: "Ship log files until SIGTERM or SIGINT.\n\n" +
			"When the configuration file changes, and at SIGHUP, it is read again. One with mistakes is refused, which the log\n" +
			"says with file and line, and the one from before goes on. data_dir, host.name and what is below http need a\n" +
			"restart.\n\n" +
			"With --once every matched file is read to its end; when all of it is acknowledged and checkpointed the command ends,\n" +
			"with status 1 if lines had to go to the dead letters.",
		Example: "  tailspan run --config tailspan.yaml\n" +
			"  tailspan run --config tailspan.yaml --once    # a backfill: all that is there, then the end",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file := newWatched(path) // before it is read
			cfg, _, err := loadToRun(path)
			if err != nil {
				return err
			}
			return shipLogs(cmd, cfg, file, once)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&once, "once", false, "read every file to its end, wait until all is delivered, and exit")
	return cmd
}

// serve answers at http.listen, and returns where that is.
func serve(ctx context.Context, cfg *config.Config, agent *pipeline.Runner, log *slog.Logger) (net.Addr, error) {
	shown := page.Handler(page.Config{Agent: agent, Version: version, Host: cfg.Host.Name, Listen: cfg.HTTP.Listen, Token: cfg.HTTP.Token})
	return server.Serve(ctx, cfg.HTTP.Listen, server.Handler(agent, version, shown), log)
}

// shipLogs runs the agent until it is done or told to stop.
func shipLogs(cmd *cobra.Command, cfg *config.Config, file *watched, once bool) error {
	level := slog.LevelInfo
	if once {
		level = slog.LevelWarn // progress and the exit status say the rest
	}
	log := slog.New(quiet.NewHandler(systemd.LogHandler(cmd.ErrOrStderr(), level)))
	agent, err := pipeline.NewRunner(cfg, once, cmd.InOrStdin(), cmd.OutOrStdout(), log)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	if cfg.HTTP.Listen != "" {
		if _, err := serve(ctx, cfg, agent, log); err != nil {
			return errors.Join(err, agent.Close())
		}
	}
	var reloads chan struct{} // nil: there are none
	if once {
		defer showProgress(agent)()
	} else {
		reloads = make(chan struct{}, 1)
		defer reloadOn(file, reloads)()
		log.Info("shipping", "version", version, "pipelines", len(cfg.Pipelines), "output", cfg.Output.Primary)
	}
	defer systemd.Attend(ctx, agent.Turn, log)()
	if err := agent.Run(ctx, reloads); err != nil {
		return err
	}
	if lines, file := agent.Dead(); once && lines > 0 {
		return fmt.Errorf("%d lines were refused and are in the dead letters, with the reasons: %s", lines, file)
	}
	return nil
}
