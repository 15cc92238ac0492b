package tail

import "github.com/fsnotify/fsnotify"

// Notices are what the system tells of a file that is not tailed. Only its own are asked for, not those of its folder, which may be one
// of logs.
type Notices struct {
	C  <-chan struct{} // receives when something has happened to the file; of what happened since, it tells once
	fs *fsnotify.Watcher
}

// NewNotices returns those of no file. Where the system has none to give they never come.
func NewNotices() *Notices {
	fs, err := fsnotify.NewWatcher()
	if err != nil {
		return &Notices{}
	}
	c := make(chan struct{}, 1)
	go func() {
		for more := true; more; {
			select {
			case _, more = <-fs.Events:
			case _, more = <-fs.Errors: // some were lost
			}
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}()
	return &Notices{c, fs}
}

// About asks for notices of the file that has the path now, in place of the one that had it before, and reports whether they will come.
func (n *Notices) About(path string) bool {
	if n.fs == nil {
		return false
	}
	_ = n.fs.Remove(path) // it may have gone away by itself
	return n.fs.Add(path) == nil
}

// Close ends them.
func (n *Notices) Close() {
	if n.fs != nil {
		_ = n.fs.Close() // nothing is owed to it
	}
}
