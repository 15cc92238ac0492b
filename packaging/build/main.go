// Command build makes what is released: a deb, an rpm and a tar archive for each architecture, an image for all of them, a bill
// of materials of each binary, and checksums. It is a module of its own so that what it needs stays out of the agent's.
//
// The same commit gives the same bytes, wherever it is built: every time is that of the commit, everything has an order, and
// nothing of the machine gets in. SOURCE_DATE_EPOCH stands for the commit's time where there is no repository.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// architectures are those of Go, which are those of Debian, too.
var architectures = []string{"amd64", "arm64"}

// release is what is being made.
type release struct {
	out     string    // the folder that everything goes to
	version version   // of the source
	time    time.Time // of the source
}

func main() {
	root := flag.String("root", "..", "the repository")
	out := flag.String("out", "dist", "where everything goes to, below the repository")
	flag.Parse()
	if err := build(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build(root, out string) error {
	if err := os.Chdir(root); err != nil {
		return err
	}
	r, err := newRelease(out)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	help, err := r.help()
	if err != nil {
		return err
	}
	var binaries []*binary
	for _, arch := range architectures {
		b, err := r.compile(arch)
		if err != nil {
			return err
		}
		binaries = append(binaries, b)
		b.help = help
		for _, pack := range []func(*binary) error{r.documents, r.archive, r.packages} {
			if err := pack(b); err != nil {
				return fmt.Errorf("%s: %w", arch, err)
			}
		}
	}
	if err := r.image(binaries); err != nil {
		return fmt.Errorf("image: %w", err)
	}
	if err := os.RemoveAll(filepath.Join(out, "stage")); err != nil {
		return err
	}
	return checksums(out)
}
