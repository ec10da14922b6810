package telemetry

import (
	"regexp"

	"github.com/prometheus/client_golang/prometheus"
)

// MetricNames returns the name of every metric, also of those without a series yet.
func (t *Telemetry) MetricNames() []string {
	described := make(chan *prometheus.Desc)
	go func() {
		defer close(described)
		t.metrics.registry.Describe(described)
	}()
	var names []string
	for d := range described {
		if m := regexp.MustCompile(`fqName: "([^"]+)"`).FindStringSubmatch(d.String()); m != nil {
			names = append(names, m[1])
		}
	}
	return names
}
