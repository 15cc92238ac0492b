//go:build race

package redfa

const raceEnabled = true
