package teamtailor

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecentForgetsTheOlderHalf(t *testing.T) {
	t.Parallel()
	var r recent[int]
	_, ok := r.get("nobody")
	require.False(t, ok)
	for i := range maxRecent {
		r.add(fmt.Sprint(i), i)
	}
	r.add("next", -1)
	v, ok := r.get("7")
	require.True(t, ok, "the older half is still there")
	require.Equal(t, 7, v)
	for i := range maxRecent {
		r.add(fmt.Sprint("more ", i), i)
	}
	_, ok = r.get("8")
	require.False(t, ok, "what nobody asked for is gone")
	v, ok = r.get("7")
	require.True(t, ok, "what was asked for has stayed")
	require.Equal(t, 7, v)
	require.LessOrEqual(t, len(r.young)+len(r.old), 2*maxRecent)
}
