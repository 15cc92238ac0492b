// Package detect notices what is unusual in a stream of log lines: templates never seen before, silence, more or fewer lines, more
// errors, longer durations, heartbeats that are missing. It learns what is usual by itself, of each service and each
// template of its lines, and keeps no more than a bounded memory of it.
//
// Workers count what they parse (Watcher); one goroutine adds that up (Engine). Lines are counted in windows of ten seconds
// by the time that they tell, so that old logs are judged as new ones are, and a window is over when its service has a line
// that is ten seconds younger. The clock counts for one thing only: that nothing comes any more.
//
// At the end of each window the last minute and the last five are compared with the two hours before, and with the same hour of other
// days (see score.go for the statistics, judge.go for what is asked, and docs/DETECT.md). What is unusual in several series of a
// service at a time is one incident, and one Finding.
package detect

import "github.com/tailspan/tailspan/pkg/event"

// Asked are the fields that tell of a line what a Watcher is told, beside those that every event has.
var Asked = append([]string{"service.name", "message"}, event.OutcomeFields...)
