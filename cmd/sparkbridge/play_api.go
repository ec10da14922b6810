package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/client"
)

// recruitingBackend is the program of a company whose ATS does not call us: it
// speaks to the service's API for the people who use its pages.
type recruitingBackend struct {
	service, token string
}

// actor is who acts in a call: by a credential that the ATS's host resolves, or by
// id, before there is a connection whose host could be asked.
type actor struct {
	id         string
	admin      bool
	credential string
}

// call makes one call of the API for the actor, and decodes the answer into v
// unless that is nil. A key names a request, so that it can be repeated.
func (b recruitingBackend) call(ctx context.Context, by actor, method, path, key string, body, v any) error {
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, b.service+"/api/v1"+path, &text)
	if err != nil {
		return err
	}
	b.sign(req, by)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	status, answer, err := send(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status/100 != 2 {
		var p struct {
			Code   string `json:"code"`
			Field  string `json:"field"`
			Detail string `json:"detail"`
		}
		if json.Unmarshal(answer, &p) != nil || p.Code == "" {
			return fmt.Errorf("%s %s: the service answers %d", method, path, status)
		}
		return fmt.Errorf("%s %s: %w", method, path, &refused{status, p.Code, p.Field, p.Detail})
	}
	if v == nil {
		return nil
	}
	if err := json.Unmarshal(answer, v); err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return nil
}

// refused is a refusal of the service.
type refused struct {
	status              int
	code, field, detail string
}

// Error returns "status code: field: detail".
func (r *refused) Error() string {
	if r.field == "" {
		return fmt.Sprintf("%d %s: %s", r.status, r.code, r.detail)
	}
	return fmt.Sprintf("%d %s: %s: %s", r.status, r.code, r.field, r.detail)
}

func (b recruitingBackend) sign(req *http.Request, by actor) {
	req.Header.Set("Authorization", "Bearer "+b.token)
	for name, value := range map[string]string{"Sparkbridge-Actor-Id": by.id, "Sparkbridge-Actor-Credential": by.credential} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if by.admin {
		req.Header.Set("Sparkbridge-Actor-Admin", "true")
	}
}

// connect makes the tenant's connection or, in a sandbox whose service was there
// before, finds it.
func (b recruitingBackend) connect(ctx context.Context, by actor, adapter, tenant string, connection map[string]any) (id string, err error) {
	connection["adapter"], connection["tenant"] = adapter, tenant
	var made client.Connection
	err = b.call(ctx, by, http.MethodPost, "/connections", "", connection, &made)
	if r, ok := errors.AsType[*refused](err); ok && r.code == "connection_exists" {
		var known struct{ Items []client.Connection }
		err = b.call(ctx, actor{}, http.MethodGet, "/connections?limit=200&adapter="+url.QueryEscape(adapter), "", nil, &known)
		for _, c := range known.Items {
			if c.Tenant == tenant {
				made = c
			}
		}
	}
	if err == nil && made.ID == "" {
		err = errors.New("the connection is neither made nor found")
	}
	return made.ID, err
}

// authorize leads a person's browser through the vendor's sign-in: agree plays the
// vendor's page, and returns where it sends the browser.
func (b recruitingBackend) authorize(ctx context.Context, by actor, adapter, connection string, agree func(page string) (string, error)) error {
	start := b.service + "/oauth/" + adapter + "/start?connection=" + url.QueryEscape(connection)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, start, http.NoBody)
	if err != nil {
		return err
	}
	b.sign(req, by)
	resp, err := browser.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		return fmt.Errorf("start the sign-in: the service answers %d", resp.StatusCode)
	}
	back, err := agree(resp.Header.Get("Location"))
	if err != nil {
		return fmt.Errorf("agree at the vendor's page: %w", err)
	}
	if req, err = http.NewRequestWithContext(ctx, http.MethodGet, back, http.NoBody); err != nil {
		return err
	}
	status, page, err := send(req)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the service answers %d: %s", status, page)
	}
	return err
}

// browser shows a redirect instead of following it.
//
//nolint:gochecknoglobals // a constant
var browser = &http.Client{
	Timeout:       time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func send(req *http.Request) (status int, body []byte, err error) {
	resp, err := browser.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, body, err
}

// eventually waits until ok returns true. The simulators of hosts only show; they
// do not tell.
func eventually(ctx context.Context, what string, ok func() bool) error {
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, ctx.Err())
		}
	}
	return nil
}

// unique returns a text that no other run makes: a sandbox begins anew, the ledger
// of the service beside it does not.
func unique() string { return rand.Text() }
