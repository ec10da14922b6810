package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The bar ends, however the import does: whoever waits for it waits for nothing
// else.
func TestTheBarEnds(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 1, 500} {
		for _, whole := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				p := &progress{out: &out, size: size, started: time.Now()}
				p.show()
				p.at(size/2, 3, 1)
				p.at(size, 7, 1)
				p.end(whole)
				require.Equal(t, "7 accepted, 1 refused, 8000/s", p.counts())
			})
		}
	}
}

func TestProgressIsToldNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out, 1000)
		for n := range 12 {
			<-time.After(time.Second)
			p.at(int64(100*(n+1)/2), n, 1)
		}
		p.end(true)
		require.Equal(t, "4 accepted, 1 refused, 1/s, 25%, about 15s left\n9 accepted, 1 refused, 1/s, 50%, about 10s left\n", out.String())
	})
}
