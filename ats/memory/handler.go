package memory

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// maxBody bounds a trigger, in bytes.
const maxBody = 1 << 20

// Handler implements [ats.Receiver]: POST /trigger takes a [Trigger] with the
// account's token as bearer. The answers are JSON:
//
//	202 {"interview_id", "state"}   accepted, or accepted before
//	400, 401, 413, 422, 503 {"code", "detail", "field"}
//
// 422 is a [ats.Refusal] for the recruiter to read; 503 asks to come back.
func (a *Adapter) Handler(in ats.Inbox) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+TriggerPath, func(w http.ResponseWriter, r *http.Request) {
		a.receive(w, r, in)
	})
	return mux
}

func (a *Adapter) receive(w http.ResponseWriter, r *http.Request, in ats.Inbox) {
	acc := a.authenticate(r)
	if acc == nil {
		w.Header().Set("WWW-Authenticate", "Bearer")
		a.answer(w, http.StatusUnauthorized, problem{Code: "unauthorized", Detail: "The token is missing or not accepted."})
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		a.answer(w, http.StatusRequestEntityTooLarge, problem{Code: "too_large", Detail: "The message is larger than 1 MiB."})
		return
	}
	var t Trigger
	if err != nil || json.Unmarshal(body, &t) != nil {
		a.answer(w, http.StatusBadRequest, problem{Code: "invalid", Detail: "The message is not the JSON of a trigger."})
		return
	}
	if t.ID == "" {
		a.answer(w, http.StatusUnprocessableEntity, problem{Code: ats.CodeIdempotencyKeyRequired, Field: "id", Detail: "A trigger needs an id."})
		return
	}
	iv, err := acc.submit(r.Context(), in, t)
	if err == nil {
		a.opts.Logger.InfoContext(r.Context(), "trigger accepted", "interview", iv, "trigger", t.ID, "repeated", iv.Repeated)
		a.answer(w, http.StatusAccepted, accepted{InterviewID: iv.ID, State: iv.State})
		return
	}
	if refusal, ok := ats.AsRefusal(err); ok {
		a.opts.Logger.InfoContext(r.Context(), "trigger refused", "trigger", t.ID, "code", refusal.Code)
		a.answer(w, http.StatusUnprocessableEntity, problem{Code: refusal.Code, Field: refusal.Field, Detail: refusal.Message})
		return
	}
	a.opts.Logger.ErrorContext(r.Context(), "trigger not taken", "trigger", t.ID, "err", err)
	w.Header().Set("Retry-After", "5")
	a.answer(w, http.StatusServiceUnavailable, problem{Code: "unavailable", Detail: "The trigger could not be taken. Send it again."})
}

type accepted struct {
	InterviewID string    `json:"interview_id"`
	State       ats.State `json:"state"`
}

type problem struct {
	Code   ats.Code `json:"code"`
	Detail string   `json:"detail"`
	Field  string   `json:"field,omitempty"`
}

func (a *Adapter) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.opts.Logger.Warn("answer not written", "err", err)
	}
}

// authenticate returns the account whose token the call carries, or nil.
func (a *Adapter) authenticate(r *http.Request) *Account {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var found *Account
	for _, acc := range a.accounts {
		if subtle.ConstantTimeCompare([]byte(strings.TrimSpace(token)), []byte(acc.token.Reveal())) == 1 && !acc.closed {
			found = acc
		}
	}
	return found
}
