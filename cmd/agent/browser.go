package main

import (
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/term"
)

// openBrowser opens a link of ours where somebody sits at a desktop, and reports whether it tried to.
func openBrowser(link string) bool {
	if !term.IsTerminal(int(os.Stdout.Fd())) || os.Getenv("SSH_CONNECTION") != "" || os.Getenv("CI") != "" {
		return false
	}
	var command []string
	switch {
	case runtime.GOOS == "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler"}
	case runtime.GOOS == "darwin":
		command = []string{"open"}
	case os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "":
		command = []string{"xdg-open"}
	default:
		return false
	}
	cmd := exec.Command(command[0], append(command[1:], link)...) // #nosec G204 -- one of the three above, with a link of ours
	if cmd.Start() != nil {
		return false
	}
	go func() { _ = cmd.Wait() }() // whether it did is seen on the desktop
	return true
}
