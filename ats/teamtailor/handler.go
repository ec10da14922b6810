package teamtailor

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

const (
	// maxBody is the largest body that is read, in bytes.
	maxBody = 1 << 20
	// maxText is the longest text for a recruiter, in characters: what a card shows
	// of a summary [documented], taken for the length of an error text as well
	// [assumed: docs/vendors/teamtailor.md].
	maxText = 149
	// tokenHeader carries the company's API token where Teamtailor has been asked
	// to send it [documented: docs/vendors/teamtailor.md].
	tokenHeader = "Teamtailor-Api-Token" //nolint:gosec // the name of a header
)

// handler serves what Teamtailor calls.
type handler struct {
	*Adapter
	in ats.Inbox
}

// Handler implements [ats.Receiver]. It serves, relative to /teamtailor:
//
//	GET  /config                          the trigger form
//	GET  /activation                      the activation form, the same for everybody
//	GET  /activation/validate             checks the keys typed into it
//	POST /webhook                         a trigger
//	POST /actions/resend, /actions/cancel buttons on the candidate's card
//	POST /events                          events of a partner webhook setup
//	POST /company-webhooks/{connection}   events of a company's own webhook
//
// A body over 1 MiB is answered with 413, a wrong method with 405.
func (a *Adapter) Handler(in ats.Inbox) http.Handler {
	h := &handler{Adapter: a, in: in}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /config", h.config)
	mux.HandleFunc("GET /activation", h.activationForm)
	mux.HandleFunc("GET /activation/validate", h.validate)
	mux.HandleFunc("POST /webhook", h.trigger(h.webhook))
	mux.HandleFunc("POST /actions/resend", h.trigger(h.resend))
	mux.HandleFunc("POST /actions/cancel", h.trigger(h.cancel))
	mux.HandleFunc("POST /events", h.partnerEvents)
	mux.HandleFunc("POST /company-webhooks/{connection}", h.companyEvents)
	return mux
}

// inbound is an authentic trigger webhook or action call.
type inbound struct {
	triggerCall
	// id is the event id that the signature covers.
	id         string
	result     api.ResultRef
	token      string // the company API token, often empty
	credential credential
}

// key identifies the run. The partner result is made for one event and is, unlike
// the event's id, in the list that [Adapter.Reconcile] compares with.
func (i inbound) key() string { return resultKey(i.result.ID()) }

func resultKey(result string) string { return "result:" + result }

func (i inbound) tenant() ats.TenantRef {
	return ats.TenantRef{Adapter: Name, Tenant: string(i.Company.UUID)}
}

// trigger wraps what calls with a partner event have in common: size, credentials,
// signature, decoding, the allow-list, the budget of time, and the answer.
func (h *handler) trigger(next func(context.Context, inbound) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), h.cfg.CallBudget)
		defer cancel()
		call, err := h.receive(w, req)
		if err != nil {
			h.refuse(ctx, w, err)
			return
		}
		answer, err := next(ctx, call)
		if err != nil {
			h.refuse(ctx, w, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

// receive reads, authenticates and decodes a call, in this order. The signature
// covers the event id, not the body [documented: docs/vendors/teamtailor.md]; the
// provider key and TLS protect the rest.
func (h *handler) receive(w http.ResponseWriter, req *http.Request) (inbound, error) {
	body, err := readBody(w, req)
	if err != nil {
		return inbound{}, err
	}
	cred, err := h.credentialOf(req.Header)
	if err != nil {
		return inbound{}, &authError{err}
	}
	match, err := sign.Trigger(req.Header, body, h.webhookSecrets, h.window())
	if err != nil {
		if !json.Valid(body) {
			return inbound{}, errBody
		}
		return inbound{}, &authError{err}
	}
	if match.Message != sign.EventID || match.Later != "" {
		h.log.WarnContext(req.Context(), "unusual trigger signature", "covers", string(match.Message), "later_scheme", match.Later, "secret", match.Secret)
	}
	call, err := decodeTrigger(body)
	if err != nil {
		return inbound{}, err
	}
	result, err := h.bases.Result(string(call.Event.Result.UpdateURL))
	if err != nil {
		return inbound{}, err
	}
	return inbound{
		triggerCall: call, id: match.ID, result: result, credential: cred,
		token: strings.TrimSpace(req.Header.Get(tokenHeader)),
	}, nil
}

func (a *Adapter) window() sign.Window {
	return sign.Window{Now: a.now(), Tolerance: a.cfg.SignatureTolerance}
}

// readBody reads the whole body up to [maxBody].
func readBody(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	limited := http.MaxBytesReader(w, req.Body, maxBody)
	var body []byte
	var err error
	if n := req.ContentLength; n > 0 && n <= 64<<10 { // strangers do not get more for an empty promise
		body = make([]byte, n)
		_, err = io.ReadFull(limited, body)
	} else {
		body, err = io.ReadAll(limited)
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errTooLarge
	case err != nil:
		return nil, errBody
	}
	return body, nil
}

// refuse answers with the status and the text that an error means; see answerTo.
func (h *handler) refuse(ctx context.Context, w http.ResponseWriter, err error) {
	status, text := answerTo(err)
	refusal, refused := ats.AsRefusal(err)
	switch {
	case refused:
		h.log.InfoContext(ctx, "refuse request", "code", string(refusal.Code), "field", refusal.Field)
	case status >= http.StatusInternalServerError:
		h.log.ErrorContext(ctx, "answer Teamtailor", "status", status, "error", err)
		w.Header().Set("Retry-After", "60")
	default:
		h.log.WarnContext(ctx, "refuse call", "status", status, "error", err)
	}
	text = clip(text, maxText)
	if h.cfg.JSONErrors {
		writeJSON(w, status, text)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) //nolint:gosec // plain text, and never sniffed for anything else
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) //nolint:errchkjson // v is one of ours, and encodes; the client went away: there is nobody left to tell
}
