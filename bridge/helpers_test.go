package bridge_test

import (
	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
)

func resolution(sparkHireID string) bridge.Resolution {
	return bridge.Resolution{SparkHireInterviewID: sparkHireID, By: ats.User{ID: "admin"}}
}
