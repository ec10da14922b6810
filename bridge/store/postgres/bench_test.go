package postgres_test

import (
	"testing"

	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

// Run these on a server that waits for its disk:
//
//	scripts/postgres go test -run '^$' -bench . ./bridge/store/postgres

func BenchmarkAccept(b *testing.B) { storetest.BenchAccept(b, empty) }
func BenchmarkImport(b *testing.B) { storetest.BenchImport(b, empty) }
func BenchmarkList(b *testing.B)   { storetest.BenchList(b, empty) }
func BenchmarkPickUp(b *testing.B) { storetest.BenchPickUp(b, empty) }
func BenchmarkWork(b *testing.B)   { storetest.BenchWork(b, empty) }
