package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func FuzzParseCursor(f *testing.F) {
	f.Add(cursor{at: 1796115000123456, id: "interview-1"}.format(listInterviews))
	f.Add(cursor{}.format(listDeliveries))
	f.Add(newest().format(listConnections))
	f.Add("")
	f.Add("aQIx")
	f.Fuzz(func(t *testing.T, s string) {
		for _, list := range []byte{listInterviews, listConnections, listDeliveries} {
			c, err := parseCursor(list, s)
			if err != nil {
				require.ErrorIs(t, err, ats.ErrInvalid)
				require.Zero(t, c)
				continue
			}
			require.Equal(t, s, c.format(list), "a cursor that is accepted is one that was made")
		}
	})
}

func FuzzCursorsComeBack(f *testing.F) {
	f.Add(int64(-1), "a")
	f.Add(int64(1796115000123456), "0190a1b2-0000-7000-8000-000000000001")
	f.Fuzz(func(t *testing.T, at int64, id string) {
		want := cursor{at: at, id: id}
		got, err := parseCursor(listInterviews, want.format(listInterviews))
		require.NoError(t, err)
		require.Equal(t, want, got)
		_, err = parseCursor(listConnections, want.format(listInterviews))
		require.ErrorIs(t, err, ats.ErrInvalid)
	})
}

func FuzzDecodeSends(f *testing.F) {
	f.Add([]byte{})
	f.Add(encodeSends([]int64{1796115000123456, 1796115000273456, 5, -5}))
	f.Fuzz(func(t *testing.T, text []byte) {
		sends, err := decodeSends(text)
		if err != nil {
			return
		}
		again, err := decodeSends(encodeSends(sends))
		require.NoError(t, err)
		require.Equal(t, sends, again)
	})
}
