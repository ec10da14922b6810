package httpx

import (
	"errors"
	"io"
)

// ErrTooLarge is the cause when a successful answer is larger than the cap.
const ErrTooLarge = ConstError("answer is larger than the limit")

// bounded reads at most left bytes and tells a broken connection from a bad content.
type bounded struct {
	r    io.Reader
	left int64
	size int64 // announced, or -1
	lost error // what broke while reading
	end  bool  // everything was read
}

func (b *bounded) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	// One byte more than allowed is asked for, to tell "exactly the cap" from "more than the cap".
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, ErrTooLarge
	}
	if errors.Is(err, io.EOF) {
		b.end = true
	} else if err != nil {
		b.lost = err
	}
	return n, err
}

// drain reads a small rest: one left unread would cost the connection.
func (b *bounded) drain() {
	if !b.end {
		_, _ = io.CopyN(io.Discard, b, 4<<10)
	}
}

// ReadAll reads the body given to a [Decode] to its end, in one allocation where its size was
// announced. The caller owns the result.
func ReadAll(r io.Reader) ([]byte, error) {
	b, ok := r.(*bounded)
	switch {
	case !ok || b.size < 0:
		return io.ReadAll(r)
	case b.size > b.left:
		return nil, ErrTooLarge
	}
	// The extra byte lets the last Read see the end without growing.
	buf := make([]byte, 0, b.size+1)
	for {
		n, err := b.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if b.end {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
		if len(buf) == cap(buf) {
			rest, err := io.ReadAll(b)
			return append(buf, rest...), err
		}
	}
}

// unrepeatable is an empty body that cannot be rewound. net/http repeats a GET by itself when a
// kept-alive connection dies under it, unless the request has a body without GetBody.
type unrepeatable struct{}

func (unrepeatable) Read([]byte) (int, error) { return 0, io.EOF }
func (unrepeatable) Close() error             { return nil }
