package paycor_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	_ "pgregory.net/rapid" // for its flags
)

// TestMain makes property tests short, because each check plays days of virtual time, and lets
// the program be a process of its own where a test needs several.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == asProcess {
		if err := runProcess(os.Stdin, os.Stdout); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	checks := "16"
	if underRace {
		checks = "2"
	}
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
