package teamtailor

import (
	_ "embed"
	"strings"
	"time"
)

// zoneNames are the names of the IANA zones that people choose from: one for each
// region that keeps time of its own, plus UTC.
//
//go:embed zones.txt
var zoneNames string

// loadZones returns the choices, sorted. Names that this machine's time zone database
// does not have are left out: a deadline in them could not be computed.
func loadZones() []option {
	var zones []option
	for name := range strings.Lines(zoneNames) {
		name = strings.TrimSpace(name)
		if _, err := time.LoadLocation(name); err == nil && name != "" {
			zones = append(zones, option{ID: name, Label: strings.ReplaceAll(name, "_", " ")})
		}
	}
	return zones
}
