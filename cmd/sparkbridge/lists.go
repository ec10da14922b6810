package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// listed prints a list: at most limit items, all of them for 0. As JSON it is one
// document in the shape of the service's own lists, an item to a line, written while
// it is read.
func listed[T any](t terminal, asJSON bool, limit int, items iter.Seq2[json.RawMessage, error], header []string, row func(T) []string) error {
	if limit < 0 {
		return &usageError{fmt.Errorf("--limit must not be negative; 0 lists everything")}
	}
	list := jsonList{w: t.stdout}
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
			if err := list.add(item); err != nil {
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
	end := func() error { return printRows(t.stdout, header, rows) }
	if asJSON {
		end = list.end
	}
	if err := end(); err != nil {
		return err
	}
	if more {
		_, _ = fmt.Fprintf(t.stderr, "there are more than %d; --limit 0 lists everything\n", limit)
	}
	return nil
}

// newestFirst merges lists of interviews, each of which begins with the newest, into
// one that does. Ids sort by time.
func newestFirst(lists []iter.Seq2[json.RawMessage, error]) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		heads := make([]*head, len(lists))
		for n, list := range lists {
			heads[n] = &head{}
			heads[n].next, heads[n].stop = iter.Pull2(list)
		}
		defer func(all []*head) {
			for _, h := range all {
				h.stop()
			}
		}(slices.Clone(heads))
		for moved := heads; ; {
			for _, h := range moved {
				if err := h.move(); err != nil {
					yield(nil, err)
					return
				}
			}
			heads = slices.DeleteFunc(heads, func(h *head) bool { return h.item == nil })
			if len(heads) == 0 {
				return
			}
			newest := slices.MaxFunc(heads, func(a, b *head) int { return strings.Compare(a.id, b.id) })
			if !yield(newest.item, nil) {
				return
			}
			moved = []*head{newest}
		}
	}
}

// head is the item to which the reading of a list has come; nil after the last.
type head struct {
	next func() (json.RawMessage, error, bool)
	stop func()
	item json.RawMessage
	id   string
}

func (h *head) move() error {
	item, err, _ := h.next()
	if h.item = item; err != nil || item == nil {
		return err
	}
	i, err := decode[struct{ ID string }](item)
	h.id = i.ID
	return err
}

// jsonList writes a list as the service does.
type jsonList struct {
	w     io.Writer
	begun bool
}

func (l *jsonList) add(item json.RawMessage) error {
	before := ",\n"
	if !l.begun {
		before = "{\"items\":[\n"
	}
	l.begun = true
	return printCompact(l.w, before, item)
}

func (l *jsonList) end() error {
	text := "\n]}\n"
	if !l.begun {
		text = "{\"items\":[]}\n"
	}
	_, err := io.WriteString(l.w, text)
	return err
}
