package bridge_test

import (
	"flag"
	"os"
	"testing"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
)

func resolution(sparkHireID string) bridge.Resolution {
	return bridge.Resolution{SparkHireInterviewID: sparkHireID, By: ats.User{ID: "admin"}}
}

// TestMain makes property tests short: each check plays minutes of virtual time.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		checks := "16"
		if underRace {
			checks = "2"
		}
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// costly returns the APIs on which a suite of many virtual hours runs: both, and
// under the race detector the one named, so that each API has some of them.
func costly(underTheDetector api) []api {
	if underRace {
		return []api{underTheDetector}
	}
	return []api{onV1, onV2}
}
