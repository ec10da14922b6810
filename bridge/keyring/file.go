package keyring

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const heading = "# Sparkbridge key ring. Whoever has this file can open every stored secret."

// OpenFile reads the ring in the file at path. Where there is none it makes one
// with one random key, readable by its owner only. A file that others may read
// is refused.
func OpenFile(path string) (*Ring, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		r := Generate()
		if err := publish(path, r.MarshalFile()); err != nil {
			if errors.Is(err, fs.ErrExist) { // another process was faster
				return OpenFile(path)
			}
			return nil, fmt.Errorf("make key file: %w", err)
		}
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("key file %s may be read by others (mode %04o): run chmod 600 %s", path, mode, path)
	}
	r, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return r, nil
}

// WriteFile replaces the file at path by the ring, atomically.
func (r *Ring) WriteFile(path string) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write key file: %w", err)
	}
	if err := create(next, r.MarshalFile()); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// MarshalFile returns the file's text: a pepper line and a line per key, newest
// first. It holds the keys themselves.
func (r *Ring) MarshalFile() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\npepper %s\n", heading, base64.StdEncoding.EncodeToString(r.pepper))
	for _, k := range r.keys {
		fmt.Fprintf(&b, "key %s %s\n", hex.EncodeToString(k.id[:]), base64.StdEncoding.EncodeToString(k.bytes))
	}
	return b.Bytes()
}

// Parse reads what [Ring.MarshalFile] wrote. Errors name the line and never show
// what is on it.
func Parse(text []byte) (*Ring, error) {
	r := &Ring{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := r.parseLine(strings.Fields(line)); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, errors.New("a line is too long")
	}
	if r.pepper == nil {
		return nil, errors.New("there is no pepper line")
	}
	if len(r.keys) == 0 {
		return nil, errors.New("there is no key line")
	}
	return r, nil
}

func (r *Ring) parseLine(words []string) error {
	switch {
	case words[0] == "pepper" && len(words) == 2:
		p, err := base64.StdEncoding.DecodeString(words[1])
		if err != nil || len(p) != keySize || r.pepper != nil {
			return fmt.Errorf("there must be one pepper of %d bytes in base64", keySize)
		}
		r.pepper = p
	case words[0] == "key" && len(words) == 3:
		id, err1 := hex.DecodeString(words[1])
		key, err2 := base64.StdEncoding.DecodeString(words[2])
		if err1 != nil || err2 != nil {
			return errors.New(`a key is written as "key <id in hex> <key in base64>"`)
		}
		k, err := newKey(id, key)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(r.keys, func(o ringKey) bool { return o.id == k.id }) {
			return errors.New("this key id is there twice")
		}
		r.keys = append(r.keys, k)
	default:
		return errors.New(`only "pepper …" and "key …" lines are understood`)
	}
	return nil
}

// publish makes the file at path appear whole or not at all, and only if there is
// none.
func publish(path string, text []byte) error {
	dir, name := filepath.Split(path)
	tmp, err := os.CreateTemp(dir, name+".*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, werr := tmp.Write(text)
	if err := errors.Join(werr, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func create(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	_, werr := f.Write(text)
	return errors.Join(werr, f.Sync(), f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
