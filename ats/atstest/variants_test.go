package atstest_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/atstest"
)

// request is the harness's Request for an adapter that receives no triggers.
func request(v atstest.Vendor) func(t *testing.T, person ats.Candidate) ats.Request {
	return func(t *testing.T, person ats.Candidate) ats.Request {
		t.Helper()
		r := v.Trigger(t, person).Want
		r.Origin = ats.OriginAPI
		return r
	}
}

// publisher hides every capability of an adapter.
type publisher struct{ ats.Adapter }

func TestAnAdapterWithoutCapabilitiesConforms(t *testing.T) {
	t.Parallel()
	atstest.Run(t, func(t *testing.T, env atstest.Env) atstest.Vendor {
		t.Helper()
		v := harness(t, env)
		return atstest.Vendor{
			Adapter: publisher{v.Adapter}, Connect: v.Connect, Request: request(v), Card: v.Card, Fail: v.Fail,
		}
	})
}

// mute is an adapter whose ATS has no place for reports.
type mute struct{ ats.Adapter }

func (mute) Publish(context.Context, ats.Connection, ats.Report) error {
	return fmt.Errorf("publish report: %w", ats.ErrHostCannot)
}

func TestAnAdapterThatCanShowNothingConforms(t *testing.T) {
	t.Parallel()
	atstest.Run(t, func(t *testing.T, env atstest.Env) atstest.Vendor {
		t.Helper()
		v := harness(t, env)
		return atstest.Vendor{Adapter: mute{v.Adapter}, Connect: v.Connect, Request: request(v)}
	})
}

func TestAVendorWithoutPagesOrLostTriggersConforms(t *testing.T) {
	t.Parallel()
	atstest.Run(t, func(t *testing.T, env atstest.Env) atstest.Vendor {
		t.Helper()
		v := harness(t, env)
		v.PageSize, v.Lose, v.Remove = 0, nil, nil
		return v
	})
}

func TestAVendorThatSignsBodiesConforms(t *testing.T) {
	t.Parallel()
	atstest.Run(t, func(t *testing.T, env atstest.Env) atstest.Vendor {
		t.Helper()
		v := harness(t, env)
		signBodies(&v, env, true)
		return v
	})
}

const signatureHeader = "Example-Signature"

// signBodies lets the vendor sign the bodies of its triggers as well. A careless
// adapter looks at the form of the signature only.
func signBodies(v *atstest.Vendor, env atstest.Env, careful bool) {
	mac := func(body []byte) string {
		h := hmac.New(sha256.New, []byte("the vendor's signing key"))
		h.Write(body)
		return hex.EncodeToString(h.Sum(nil))
	}
	with("", func(w *wrong, _ atstest.Env) {
		w.handle = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 1<<20))
				if err != nil {
					http.Error(rw, "too large", http.StatusRequestEntityTooLarge)
					return
				}
				given := r.Header.Get(signatureHeader)
				if len(given) != 2*sha256.Size || careful && given != mac(body) {
					http.Error(rw, "wrong signature", http.StatusUnauthorized)
					return
				}
				r.Body = io.NopCloser(bytes.NewReader(body))
				next.ServeHTTP(rw, r)
			})
		}
	}).apply(v, env)
	trigger := v.Trigger
	v.Trigger = func(t *testing.T, person ats.Candidate) atstest.Trigger {
		t.Helper()
		tr := trigger(t, person)
		tr.Credentials = append(tr.Credentials, signatureHeader)
		tr.Sign = func(tr *atstest.Trigger) { tr.Header.Set(signatureHeader, mac(tr.Body)) }
		tr.Sign(&tr)
		return tr
	}
}
