package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// healthCmd asks a service whether it is ready: for places that have no other
// program to ask with, such as a container.
type healthCmd struct {
	URL string `name:"url" help:"Address of the service. Also SPARKBRIDGE_URL; default http://127.0.0.1:8080." placeholder:"URL"`
}

// Run asks /readyz.
func (h healthCmd) Run(ctx context.Context, t terminal) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	base := strings.TrimRight(cmp.Or(h.URL, t.getenv("SPARKBRIDGE_URL"), "http://127.0.0.1:8080"), "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
	if err != nil {
		return &usageError{err}
	}
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 200))
	word := plain(strings.TrimSpace(string(text)))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, word)
	}
	_, err = fmt.Fprintln(t.stdout, word)
	return err
}
