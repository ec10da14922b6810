package telemetry

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// family is a metric with its series, in the text format of Prometheus, 0.0.4.
// It is safe for concurrent use.
type family struct {
	name, help, kind string
	labels           []string
	bounds           []float64 // of a histogram

	mu     sync.Mutex
	series map[string]*series
}

type series struct {
	values  []string
	n       float64 // of a counter or a gauge; the sum of a histogram
	buckets []uint64
	count   uint64
}

func newFamily(kind, name, help string, labels ...string) *family {
	return &family{kind: kind, name: name, help: help, labels: labels, series: map[string]*series{}}
}

func counter(name, help string, labels ...string) *family {
	return newFamily("counter", name, help, labels...)
}

func gauge(name, help string, labels ...string) *family {
	return newFamily("gauge", name, help, labels...)
}

func histogram(name, help string, labels ...string) *family {
	f := newFamily("histogram", name, help, labels...)
	f.bounds = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	return f
}

// with returns the series of the values, one for each label. The lock is held.
func (f *family) with(values []string) *series {
	key := strings.Join(values, "\x00")
	s, ok := f.series[key]
	if !ok {
		s = &series{values: values, buckets: make([]uint64, len(f.bounds))}
		f.series[key] = s
	}
	return s
}

func (f *family) add(n float64, values ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.with(values).n += n
}

func (f *family) observe(v float64, values ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.with(values)
	s.n += v
	s.count++
	for n, bound := range f.bounds {
		if v <= bound {
			s.buckets[n]++
		}
	}
}

// replace makes the gauge have these series and no others.
func (f *family) replace(all ...series) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.series = map[string]*series{}
	for _, s := range all {
		f.with(s.values).n = s.n
	}
}

func (f *family) write(w *bufio.Writer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, _ = fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
	for _, key := range slices.Sorted(maps.Keys(f.series)) {
		s := f.series[key]
		if f.kind != "histogram" {
			f.line(w, "", s.values, "", s.n)
			continue
		}
		for n, bound := range f.bounds {
			f.line(w, "_bucket", s.values, number(bound), float64(s.buckets[n]))
		}
		f.line(w, "_bucket", s.values, "+Inf", float64(s.count))
		f.line(w, "_sum", s.values, "", s.n)
		f.line(w, "_count", s.values, "", float64(s.count))
	}
}

func (f *family) line(w *bufio.Writer, suffix string, values []string, le string, n float64) {
	var labels []string
	for i, name := range f.labels {
		labels = append(labels, name+`="`+escaped(values[i])+`"`)
	}
	if le != "" {
		labels = append(labels, `le="`+le+`"`)
	}
	_, _ = w.WriteString(f.name + suffix)
	if len(labels) > 0 {
		_, _ = w.WriteString("{" + strings.Join(labels, ",") + "}")
	}
	_, _ = w.WriteString(" " + number(n) + "\n")
}

func escaped(value string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(value)
}

func number(n float64) string {
	if math.IsInf(n, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

// writeAll writes the families.
func writeAll(w io.Writer, families ...*family) error {
	b := bufio.NewWriter(w)
	for _, f := range families {
		f.write(b)
	}
	return b.Flush()
}
