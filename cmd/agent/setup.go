package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/internal/plain"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
)

func setupCommand() *cobra.Command {
	var path, product string
	var dryRun, overwrite bool
	cmd := &cobra.Command{
		Use:   "setup --config FILE [--dry-run | --print[=PRODUCT]]",
		Short: "Prepare Elasticsearch and Kibana: templates, lifecycle, ingest pipelines, dashboards",
		Long: "Put on Elasticsearch or OpenSearch what the configuration asks for: an index template for each destination, a lifecycle that\n" +
			"deletes what is older than output.elasticsearch.retention, and the ingest pipelines that ingest_dir has. It may run any\n" +
			"number of times. What is not managed by tailspan is left alone, and the command then ends with status 1.\n\n" +
			"With output.elasticsearch.kibana it imports a data view, Discover sessions and dashboards into that Kibana. Those that are\n" +
			"there already are left as they are, unless --overwrite is given.\n\n" +
			"run installs the index templates, too, and needs none of this unless a retention or ingest pipelines are wanted.\n\n" +
			"--print writes the requests for the console of Kibana or OpenSearch Dashboards, and asks no server; PRODUCT is\n" +
			"elasticsearch (8.14 and later, the default), elasticsearch-ilm (before 8.14) or opensearch. For kibana it writes the objects\n" +
			"as a file for Stack Management, Saved Objects, Import.",
		Example: "  tailspan setup --config tailspan.yaml --dry-run\n" +
			"  tailspan setup --config tailspan.yaml\n" +
			"  tailspan setup --config tailspan.yaml --print=opensearch\n" +
			"  tailspan setup --config tailspan.yaml --print=kibana > tailspan.ndjson",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := loadToRun(path)
			if err != nil {
				return err
			}
			if cfg.Output.Elasticsearch == nil {
				return usageError{errors.New("setup needs output.elasticsearch")}
			}
			targets, _ := pipeline.Targets(cfg)
			if product != "" {
				return printSetup(cmd, *cfg.Output.Elasticsearch, targets, product)
			}
			return setUp(cmd, *cfg.Output.Elasticsearch, targets, dryRun, overwrite)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what would change")
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "write over the objects that Kibana has from an earlier setup")
	cmd.Flags().StringVar(&product, "print", "", "write the requests for this `product` to standard output and ask no server")
	cmd.Flags().Lookup("print").NoOptDefVal = string(elastic.Elasticsearch)
	cmd.MarkFlagsMutuallyExclusive("dry-run", "print")
	cmd.MarkFlagsMutuallyExclusive("overwrite", "print")
	return cmd
}

// setUp prepares the servers; what is wrong with one is no reason to leave the other out.
func setUp(cmd *cobra.Command, cfg elastic.Config, targets []elastic.Target, dryRun, overwrite bool) error {
	var printed error
	tell := func(line string) {
		printed = errors.Join(printed, say(cmd.OutOrStdout(), "%s\n", plain.Text(line)))
	}
	err := errors.Join(
		aboutEach("output.elasticsearch", elastic.Setup(cmd.Context(), cfg, targets, dryRun, tell)),
		aboutEach("output.elasticsearch.kibana", elastic.SetupKibana(cmd.Context(), cfg, targets, dryRun, overwrite, tell)))
	return errors.Join(err, printed)
}

// printSetup writes the requests for a product, or what Kibana imports.
func printSetup(cmd *cobra.Command, cfg elastic.Config, targets []elastic.Target, name string) error {
	var text []byte
	var err error
	if name == "kibana" {
		text, err = elastic.KibanaObjects(cfg, targets)
	} else {
		var product elastic.Product
		if product, err = elastic.ParseProduct(name); err != nil {
			return usageError{fmt.Errorf("--print: %w", err)}
		}
		text, err = elastic.Requests(cfg, targets, product)
	}
	if err != nil {
		return err
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}
