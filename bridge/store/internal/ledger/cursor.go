package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/sparkbridge/sparkbridge/ats"
)

// A cursor is the last record of a page: its time and id. As text it is the list
// that it belongs to, the time and the id with a checksum, in base64: opaque, so
// that nobody builds one, and checked, so that a mistyped one is refused.
type cursor struct {
	at int64
	id string
}

// The lists that have cursors.
const (
	listInterviews  = 'i'
	listConnections = 'c'
	listDeliveries  = 'd'
)

// newest and oldest are before the first page, by the list's direction.
func newest() cursor { return cursor{at: math.MaxInt64} }
func oldest() cursor { return cursor{at: math.MinInt64} }

func (c cursor) format(list byte) string {
	text := []byte{list}
	text = binary.AppendVarint(text, c.at)
	text = append(text, c.id...)
	text = binary.BigEndian.AppendUint32(text, crc32.ChecksumIEEE(text))
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseCursor returns an error that matches [ats.ErrInvalid] for a text that
// [cursor.format] did not make for the list.
func parseCursor(list byte, s string) (cursor, error) {
	bad := fmt.Errorf("the cursor is not one of this list: start again without one: %w", ats.ErrInvalid)
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(text) < 1+1+4 {
		return cursor{}, bad
	}
	body := text[1 : len(text)-4]
	at, n := binary.Varint(body)
	if n <= 0 {
		return cursor{}, bad
	}
	c := cursor{at: at, id: string(body[n:])}
	if c.format(list) != s { // another list, or a checksum that is wrong
		return cursor{}, bad
	}
	return c, nil
}
