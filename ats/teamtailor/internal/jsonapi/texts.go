package jsonapi

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// texts turns JSON strings into Go strings. It remembers the latest short ones,
// because pages repeat field types, tags and the like on every resource. A nil one
// remembers nothing.
type texts struct {
	recent  [64]string
	scratch []byte
}

const longestRecent = 32

func (t *texts) unquote(raw jsontext.Value) string {
	text := raw[1 : len(raw)-1]
	if !plain(text) {
		// Of a string that the decoder has accepted this can only repair invalid UTF-8.
		if t == nil {
			text, _ = jsontext.AppendUnquote(nil, raw)
		} else {
			t.scratch, _ = jsontext.AppendUnquote(t.scratch[:0], raw)
			text = t.scratch
		}
	}
	if t == nil || len(text) == 0 || len(text) > longestRecent {
		return string(text)
	}
	slot := &t.recent[(len(text)*31+int(text[0])*7+int(text[len(text)-1]))%len(t.recent)]
	if *slot != string(text) {
		*slot = string(text)
	}
	return *slot
}

// plain reports whether the content of a JSON string stands for itself.
func plain(text []byte) bool {
	for _, c := range text {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
