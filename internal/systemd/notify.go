// Package systemd is what the agent says to a service manager that started it: when it is ready, that it is alive, that it
// reloads and that it stops, by the protocol of sd_notify(3); and its log in the form that the journal reads. Without a
// service manager everything here does nothing.
package systemd

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Attend tells the service manager that the agent is ready, as soon as turn returns nil for the first time. If the service
// has a watchdog, turn is asked again every half of its time, and the watchdog hears of it only when turn has returned nil
// within that half: an agent that has stopped reading is killed and started again. When ctx is done, or end is called,
// the service manager hears that the agent stops. The caller calls end before the process exits.
func Attend(ctx context.Context, turn func(context.Context) error, log *slog.Logger) (end func()) {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return func() {}
	}
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("the watchdog of the service manager is not fed", "error", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var attending sync.WaitGroup
	attending.Go(func() {
		if turn(ctx) == nil {
			say(daemon.SdNotifyReady, log)
		}
		if watchdog > 0 {
			feed(ctx, watchdog/2, turn, log)
		}
		<-ctx.Done()
		say(daemon.SdNotifyStopping, log)
	})
	return func() {
		cancel()
		attending.Wait()
	}
}

// feed lets the watchdog know of every turn until ctx is done.
func feed(ctx context.Context, every time.Duration, turn func(context.Context) error, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		limited, cancel := context.WithTimeout(ctx, every)
		err := turn(limited)
		cancel()
		if err == nil {
			say(daemon.SdNotifyWatchdog, log)
		} else if ctx.Err() == nil {
			log.Error("files are not being read; the watchdog is not fed", "error", err)
		}
	}
}

// Reloading tells the service manager that the configuration is being read again, until done is called.
func Reloading(log *slog.Logger) (done func()) {
	say(daemon.SdNotifyReloading+"\n"+daemon.SdNotifyMonotonicUsec(), log)
	return func() { say(daemon.SdNotifyReady, log) }
}

// say sends a state to the service manager, if there is one.
func say(state string, log *slog.Logger) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("the service manager cannot be told", "error", err)
	}
}
