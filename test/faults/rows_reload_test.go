//go:build faults && linux

package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

var reloadRows = []row{
	{48, "configuration reloaded 200 times", reloaded},
}

const (
	takenOver = `msg="the configuration was taken over"`
	refused   = `msg="the configuration was not taken over`
)

// reloaded changes the configuration again and again under load: pipelines come and go and change, a file is deleted while it is
// read, every tenth configuration is wrong, and every twentieth change is left to be noticed without a signal.
func reloaded(s *scene) {
	const times = 200
	other := filepath.Join(s.dir, "other")
	s.must(os.Mkdir(other, 0o755))
	good := s.conf
	deleted, comes, steady := s.writer("deleted.log"), s.writerAt(other+"/comes.log"), s.writer("steady.log")
	s.start()
	steady.flow(500)
	comes.flow(200)
	deleted.flow(100)
	wrong := 0
	for i := range times {
		s.conf = good
		s.conf.pipelines = []pipe{{name: "faults", paths: good.pipelines[0].paths, extra: fmt.Sprintf("fields: [{name: labels.n, value: %d}]\n", i)}}
		if i%2 == 1 {
			s.conf.pipelines = append([]pipe{{name: "other", paths: []string{other + "/*.log"}}}, s.conf.pipelines...)
		}
		done, until := takenOver, strings.Count(s.agent.log(), takenOver)
		if i%10 == 9 {
			s.conf.pipelines[0].extra = "no_such_key: true\n"
			done, until = refused, strings.Count(s.agent.log(), refused)
			wrong++
		}
		s.writeConf()
		if i%20 != 0 {
			s.agent.signal(syscall.SIGHUP)
		}
		s.await(fmt.Sprintf("reload %d is done", i), patience, func() bool { return strings.Count(s.agent.log(), done) > until })
		if i == times/2+1 {
			s.await("the deleted file is read", patience, func() bool { return s.sink.kept(deleted.name) > 0 })
			s.must(os.Remove(deleted.path)) // only the agent's descriptor leads to it
		}
	}
	s.conf = good
	s.conf.pipelines = append(s.conf.pipelines, pipe{name: "other", paths: []string{other + "/*.log"}})
	s.writeConf()
	s.agent.signal(syscall.SIGHUP)
	lasts(100 * time.Millisecond)
	s.pass()
	s.saw("%d reloads, %d refused, %d lines", times, wrong, steady.written()+comes.written()+deleted.written())
}
