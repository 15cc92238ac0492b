package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/tail"
)

// verdict says in one sentence whether the file is read, and if not, why and what to do.
func (c *casefile) verdict() string {
	if text := c.impossible(); text != "" {
		return "It is not read: " + text
	}
	var reasons []string
	for _, candidate := range c.Candidates {
		known := c.checkpoint(candidate.Pipeline)
		if known != nil && known.Open {
			return c.reading(*known)
		}
		reason, stands := c.against(candidate, known != nil)
		if !stands && candidate.Matches() {
			return c.wouldBeRead(candidate, known)
		}
		if reason != "" {
			reasons = append(reasons, reason)
		}
	}
	for _, f := range c.known { // followed under any name, once it is known
		if f.Inode == c.Inode && f.Open {
			return c.reading(f)
		}
	}
	if len(reasons) == 0 {
		return "It is not read: no pattern of any pipeline is about it; add it to paths."
	}
	return "It is not read: " + strings.Join(reasons, " Nor otherwise: ")
}

// impossible says what stands in the way of every pipeline.
func (c *casefile) impossible() string {
	switch {
	case c.Missing:
		for _, f := range c.known {
			if f.Path == c.Path {
				return fmt.Sprintf("%s; a file of this name was delivered up to byte %d, and is looked for by its identity in its folder.", c.Obstacle, f.Committed)
			}
		}
		return c.Obstacle + "; correct the path, or wait until the service writes it."
	case c.Obstacle != "":
		return fmt.Sprintf("%s; let %s read it: put that user into the group that may, or setfacl -m u:%s:rX on the folders and the file.", c.Obstacle, c.User, c.User)
	case c.Kind != "file":
		return fmt.Sprintf("it is a %s, and only files are; name the files.", c.Kind)
	}
	return ""
}

// against says why a pipeline does not read the file; stands is false when nothing is against it.
func (c *casefile) against(candidate tail.Candidate, known bool) (reason string, stands bool) {
	name := candidate.Pipeline
	switch {
	case !candidate.Matches() && len(candidate.Globs) > 0:
		g := candidate.Globs[0]
		return fmt.Sprintf("%s of pipeline %s almost matches it, but %s; correct the pattern.", g.Glob, name, g.But), true
	case !candidate.Matches():
		return "", true
	case candidate.Excluded != "":
		return fmt.Sprintf("%s in exclude of pipeline %s matches it; take it out.", candidate.Excluded, name), true
	case candidate.Outside:
		return fmt.Sprintf("it leads to %s, outside of allowed_roots of pipeline %s; add that folder.", c.Real, name), true
	case candidate.NotReached != "":
		return fmt.Sprintf("pipeline %s does not come by it: %s.", name, candidate.NotReached), true
	case candidate.TooOld > 0 && !known:
		return fmt.Sprintf("it has not changed for %s, longer than ignore_older of pipeline %s, %s; it is read when it changes, or when that is longer.",
			age(c.Modified), name, candidate.TooOld), true
	}
	return "", false
}

// checkpoint is what is known of this file for the pipeline, or nil.
func (c *casefile) checkpoint(name string) *tail.FileStatus {
	for i := range c.known {
		if c.known[i].Pipeline == name && c.known[i].Inode == c.Inode {
			return &c.known[i]
		}
	}
	return nil
}

// reading says how far the agent is with a file that it has open.
func (c *casefile) reading(f tail.FileStatus) string {
	left := max(0, c.Size-f.Committed)
	begin := fmt.Sprintf("It is read by pipeline %s", f.Pipeline)
	switch {
	case f.Zipped:
		return fmt.Sprintf("%s, unpacked, and delivered up to byte %d of what is in it.", begin, f.Committed)
	case left == 0:
		return begin + ", and all of it is delivered."
	case !c.Lines:
		return fmt.Sprintf("%s, but it has no whole line yet: a line counts when its newline is there.", begin)
	}
	if outputs := c.status.Outputs; len(outputs) > 0 && !outputs[0].Up { // the primary one alone holds anything
		return fmt.Sprintf("%s, and %s are held by the output %s, which does not take them; tailspan check --connect says why.", begin, bytesText(left), outputs[0].Name)
	}
	if f.Lines["in_flight"] == 0 {
		return fmt.Sprintf("%s; %s are left, and none of it is under way: a last line is waited for until its newline is there.", begin, bytesText(left))
	}
	return fmt.Sprintf("%s; %s are left, and %d lines are under way.", begin, bytesText(left), f.Lines["in_flight"])
}

// wouldBeRead says what becomes of a file that nothing is against.
func (c *casefile) wouldBeRead(candidate tail.Candidate, known *tail.FileStatus) string {
	from := "from its beginning"
	switch {
	case known != nil:
		from = fmt.Sprintf("from byte %d on", known.Committed)
	case candidate.FromEnd:
		from = "from its end (start_at: end)"
	}
	if !c.running {
		return fmt.Sprintf("It is not read, because no agent runs; tailspan run would read it for pipeline %s %s.", candidate.Pipeline, from)
	}
	if c.Size == 0 {
		return fmt.Sprintf("It is empty; pipeline %s reads it as soon as it is not.", candidate.Pipeline)
	}
	return fmt.Sprintf("It is not read yet: pipeline %s finds it at its next look, within 5 s, and reads it %s; if not, the agent's log says why.", candidate.Pipeline, from)
}

// age is how long ago a time was, in a unit that fits.
func age(at time.Time) string {
	d := time.Since(at)
	if d > 48*time.Hour {
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
	return d.Round(time.Second).String()
}
