package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// sayEvery is how often progress is told where there is no terminal.
const sayEvery = 5 * time.Second

// progress shows how an import gets on: a bar with rate and remaining time on a
// terminal, a line now and then elsewhere. It is used by one goroutine.
type progress struct {
	out     io.Writer
	size    int64 // of the file; 0 when not known
	started time.Time
	said    time.Time

	bars           *mpb.Progress // nil without a terminal
	bar            *mpb.Bar
	done, rejected atomic.Int64
}

func newProgress(out io.Writer, size int64) *progress {
	p := &progress{out: out, size: size, started: time.Now(), said: time.Now()}
	if _, ok := width(out); ok {
		p.show()
	}
	return p
}

// show makes the bar.
func (p *progress) show() {
	p.bars = mpb.New(mpb.WithOutput(p.out), mpb.WithWidth(40), mpb.WithRefreshRate(200*time.Millisecond))
	after := []decor.Decorator{decor.Any(func(decor.Statistics) string { return " " + p.counts() })}
	if p.size > 0 {
		after = append(after, decor.Name(", "), decor.AverageETA(decor.ET_STYLE_GO), decor.Name(" left"))
	}
	p.bar = p.bars.AddBar(p.size, mpb.PrependDecorators(decor.Percentage(decor.WC{W: 5})), mpb.AppendDecorators(after...))
}

// at tells how far the import is.
func (p *progress) at(read int64, accepted, refused int) {
	p.done.Store(int64(accepted))
	p.rejected.Store(int64(refused))
	if p.bars != nil {
		p.bar.SetCurrent(min(read, max(p.size-1, 0))) // the end is told by end
		return
	}
	now := time.Now()
	if now.Sub(p.said) < sayEvery {
		return
	}
	p.said = now
	line := p.counts()
	if spent := now.Sub(p.started); p.size > 0 && read > 0 {
		left := time.Duration(float64(spent) * float64(p.size-read) / float64(read))
		line += fmt.Sprintf(", %d%%, about %s left", 100*read/p.size, left.Round(time.Second))
	}
	_, _ = fmt.Fprintln(p.out, line)
}

func (p *progress) counts() string {
	n, bad := p.done.Load(), p.rejected.Load()
	rate := float64(n+bad) / max(time.Since(p.started).Seconds(), 0.001)
	return fmt.Sprintf("%d accepted, %d refused, %.0f/s", n, bad, rate)
}

// say tells something besides.
func (p *progress) say(text string) { p.print(p.out, text) }

// print writes a line, above the bar where there is one on the same terminal.
func (p *progress) print(w io.Writer, text string) {
	if _, ok := width(w); ok && p.bars != nil {
		_, _ = fmt.Fprintln(p.bars, text)
		return
	}
	_, _ = fmt.Fprintln(w, text)
}

// end finishes the bar, or leaves it where it is when the import is not whole.
func (p *progress) end(whole bool) {
	switch {
	case p.bars == nil:
		return
	case !whole:
		p.bar.Abort(false)
	case p.size > 0:
		p.bar.SetCurrent(p.size)
	default:
		p.bar.SetTotal(-1, true)
	}
	p.bars.Wait()
}

func marshalLine(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}
