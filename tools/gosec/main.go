// Command gosec looks for what is dangerous in Go: it is github.com/securego/gosec without its command, which brings the clients of
// three language models along. It prints what it finds and ends with status 1 if that is anything.
//
//	gosec FOLDER...
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strings"

	"github.com/securego/gosec/v2"
	"github.com/securego/gosec/v2/analyzers"
	"github.com/securego/gosec/v2/rules"
)

// excluded are the rules that say nothing here.
var excluded = []string{
	"G115", // conversions of integers: positions in a batch have 32 bits, and a batch is bounded far below that
	"G304", // files with names that are no constants: reading those is what this program is for; pkg/tail/open.go bounds it
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folders []string) error {
	analyzer := gosec.NewAnalyzer(gosec.NewConfig(), false, true, false, runtime.NumCPU(), log.New(io.Discard, "", 0))
	analyzer.LoadRules(rules.Generate(false, rules.NewRuleFilter(true, excluded...)).RulesInfo())
	analyzer.LoadAnalyzers(analyzers.Generate(false, analyzers.NewAnalyzerFilter(true, excluded...)).AnalyzersInfo())
	var packages []string
	for _, folder := range folders {
		paths, err := gosec.PackagePaths(folder, nil)
		if err != nil {
			return err
		}
		packages = append(packages, paths...)
	}
	if err := analyzer.Process(nil, packages...); err != nil {
		return err
	}
	issues, metrics, failed := analyzer.Report()
	for file, errs := range failed {
		for _, e := range errs {
			if !lacksAssembly(e.Err) {
				return fmt.Errorf("%s: %v", file, e)
			}
		}
	}
	for _, issue := range issues {
		fmt.Printf("%s:%s: %s: %s\n%s", issue.File, issue.Line, issue.RuleID, issue.What, issue.Code)
	}
	if len(issues) > 0 || metrics.NumFiles == 0 {
		return fmt.Errorf("%d issues in %d files", len(issues), metrics.NumFiles)
	}
	return nil
}

// lacksAssembly reports an error that says only that functions have no bodies: gosec compiles the Go files of a package alone. It reads them
// all the same.
func lacksAssembly(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && !strings.HasSuffix(line, "missing function body") {
			return false
		}
	}
	return true
}
