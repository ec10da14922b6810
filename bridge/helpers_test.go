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
	checks := "16"
	if underRace {
		checks = "3"
	}
	if err := flag.Set("rapid.checks", checks); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
