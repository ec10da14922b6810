package main

import (
	"encoding/json"
	"fmt"
	"iter"
)

// listed prints a list: at most limit items, all of them for 0.
func listed[T any](t terminal, asJSON bool, limit int, items iter.Seq2[json.RawMessage, error], header []string, row func(T) []string) error {
	if limit < 0 {
		return &usageError{fmt.Errorf("--limit must not be negative; 0 lists everything")}
	}
	var rows [][]string
	seen, more := 0, false
	for item, err := range items {
		if err != nil {
			return err
		}
		if more = limit > 0 && seen == limit; more {
			break
		}
		seen++
		if asJSON {
			if err := printLine(t.stdout, item); err != nil {
				return err
			}
			continue
		}
		v, err := decode[T](item)
		if err != nil {
			return err
		}
		rows = append(rows, row(v))
	}
	if !asJSON {
		if err := printRows(t.stdout, header, rows); err != nil {
			return err
		}
	}
	if more {
		_, _ = fmt.Fprintf(t.stderr, "there are more than %d; --limit 0 lists everything\n", limit)
	}
	return nil
}
