package demo

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/shop"
)

// TestConfig: what the shop writes is what the configuration reads, and it has been open for as long as is said.
func TestConfig(t *testing.T) {
	folder := t.TempDir()
	path, err := Prepare(folder)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var reads []string
	for _, p := range cfg.Pipelines {
		if !p.Own {
			reads = append(reads, p.Tail.Paths...)
		}
	}
	closed, cancel := context.WithCancel(t.Context())
	cancel()
	orders, lines, err := shop.Run(closed, Shop(folder))
	if err != nil || orders < 1000 || lines < 10*orders {
		t.Errorf("%d orders, %d lines, %v", orders, lines, err)
	}
	writes, err := filepath.Glob(filepath.Join(folder, "logs", "*", "*.log"))
	slices.Sort(reads)
	slices.Sort(writes)
	if err != nil || !slices.Equal(reads, writes) {
		t.Errorf("reads %q, but %q are written; %v", reads, writes, err)
	}
}
