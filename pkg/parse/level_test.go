package parse

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

func TestLevelWords(t *testing.T) {
	for text, want := range map[string]string{
		"INFO": "info", "Warning": "warning", "warn": "warn", "ERR": "err", "Eror": "eror", "severe": "severe", "FINEST": "finest",
		"verbose": "verbose", "dbg": "debug", "INF": "info", "WRN": "warn", "Informational": "informational", "notice": "notice", "crit": "crit", "ALERT": "alert",
		"emerg": "emerg", "Emergency": "emergency", "panic": "panic", "FATAL": "fatal", "trace": "trace", " info ": "info",
		"dbug": "debug", "TRCE": "trace", "FATL": "fatal", "I": "info", "w": "warn", "E": "error", "F": "fatal", "D": "debug", "debug5": "debug5", "LOG": "log",
		"": "", "infos": "", "x": "", "hello": "", "informationally": "", "30": "", "\xff": "", "in fo": "",
	} {
		if got := levelOf([]byte(text)); string(got) != want {
			t.Errorf("%q is %q, expected %q", text, got, want)
		}
	}
}

// TestEveryLevelFailsOrDoesNot: a word that becomes a level here is one of event.FailureLevel's, or nothing has failed.
func TestEveryLevelFailsOrDoesNot(t *testing.T) {
	calm := map[string]bool{}
	for _, word := range []string{"trace", "verbose", "finest", "finer", "fine", "debug", "debug1", "debug2", "debug3", "debug4", "debug5",
		"config", "log", "info", "information", "informational", "notice", "note", "warning", "warn"} {
		calm[word] = true
	}
	for word, level := range levels {
		if event.FailureLevel(level) == calm[string(level)] {
			t.Errorf("%s becomes %s: a failure is %v", word, level, event.FailureLevel(level))
		}
	}
}

func TestPinoLevels(t *testing.T) {
	for text, want := range map[string]string{
		"10": "trace", "20": "debug", "30": "info", "40": "warn", "50": "error", "60": "fatal", "70": "", "35": "", "3": "", "300": "", "": "",
	} {
		if got := pinoLevel([]byte(text)); string(got) != want {
			t.Errorf("%q is %q, expected %q", text, got, want)
		}
	}
}

func TestLevelsInLines(t *testing.T) {
	for line, want := range map[string]string{
		"2020-01-01 10:00:00,123 INFO [main] c.e.Foo: started":                           "info",
		"2020-01-01T10:00:00Z warn disk is filling":                                      "warn",
		"[WARN  tini (7)] Tini is not running as PID 1":                                  "warn",
		"[ERROR:flutter/lib/ui/ui_dart_state.cc(186)] Unhandled Exception":               "error",
		"[error handling] is hard":                                                       "",
		"2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack":       "info",
		"[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok":                        "notice",
		"[Wed Oct 11 14:32:52.123456 2000] [core:error] [pid 35708] File does not exist": "error",
		"2020/01/02 03:04:05 [error] 12#0: *1 open() failed":                             "error",
		"2020-01-01T10:00:00.0Z 0 [Warning] [MY-010068] CA certificate is self signed":   "warning",
		"2021-01-01 00:00:00 UTC [12] FATAL:  the database system is starting up":        "fatal",
		"level=error msg=\"it broke\"":                                                   "error",
		`ts=1 lvl="warn" msg=x`:                                                          "warn",
		"time=1 severity: Critical":                                                      "critical",
		"I0102 15:04:05.000000 1 file.go:12] msg":                                        "info",
		"E20200102 15:04:05.000000 1 file.go:12] msg":                                    "error",
		"03-17 16:13:38.811  1702  2395 D WindowManager: printFreezingDisplayLogs":       "debug",
		"17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: x":                "info",
		"2015-07-29 17:41:44,747 - WARN  [QuorumPeer] x":                                 "warn",
		"<Error> something":                               "error",
		"WARNING:root:be careful":                         "warning",
		"2012-07-02 10:22:40,672:DEBUG:foo bar":           "debug",
		"[2023-05-15 18:19:32] local.ERROR: Target class": "error",
		"W, [2020-01-01T10:00:00.1 #1]  WARN -- : msg":    "warn",
		"error: cannot open":                              "error",
		"app[12]: warning: deprecated":                    "warning",
		"12:00:01.5 | ERROR | module:func:1 - text":       "error",
		"- 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.363779 R02-M1-N0-C:J12-U11 RAS KERNEL INFO instruction": "info",

		"": "", "hello world": "", "an error occurred while doing things": "", "I am here": "", "2015-07-29 17:41:44 I am here": "",
		"GET /info HTTP/1.1": "", "serve_clients(log)": "", "the warning was ignored by everybody": "", "user=alert x": "",
		"E01 is a code": "", "one two three four five ERROR six": "",
	} {
		if got := findLevel([]byte(line)); string(got) != want {
			t.Errorf("%q says %q, expected %q", line, got, want)
		}
	}
}

func TestLevelsDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	line, word := []byte("2020-01-01 10:00:00,123 INFO [main] started"), []byte("Warning")
	if n := testing.AllocsPerRun(100, func() { findLevel(line); levelOf(word) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
