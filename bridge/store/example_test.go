package store_test

import (
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Times are kept in UTC, to the microsecond.
func ExampleTime() {
	stockholm := time.FixedZone("CET", 3600)
	fmt.Println(store.Time(time.Date(2026, 12, 1, 14, 30, 0, 123456789, stockholm)).Format(time.RFC3339Nano))
	// Output: 2026-12-01T13:30:00.123456Z
}
