package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

func BenchmarkAccept(b *testing.B) { storetest.BenchAccept(b, empty) }
func BenchmarkImport(b *testing.B) { storetest.BenchImport(b, empty) }
func BenchmarkList(b *testing.B)   { storetest.BenchList(b, empty) }
func BenchmarkPickUp(b *testing.B) { storetest.BenchPickUp(b, empty) }
func BenchmarkWork(b *testing.B)   { storetest.BenchWork(b, empty) }

// BenchmarkOpen is what a start costs.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	for _, again := range []bool{false, true} {
		b.Run(fmt.Sprintf("again=%t", again), func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				if again {
					n = 0
				}
				s, err := sqlite.Open(b.Context(), filepath.Join(dir, fmt.Sprint(again, n)))
				require.NoError(b, err)
				require.NoError(b, s.Close())
			}
		})
	}
}
