// Package benchmarks measures the whole way of a request, as ratios to floors
// measured in the same run: absolute figures of a shared machine say little.
//
//	go test -run '^$' -bench . -benchtime 1x ./internal/benchmarks
package benchmarks
