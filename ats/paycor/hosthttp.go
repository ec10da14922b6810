package paycor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// hostClient is a [Host] that speaks HTTP: docs/host-paycor.openapi.yaml. Each call is
// sent once: the engine repeats reports, and people repeat questions.
type hostClient struct{ http *httpx.Client }

// newHostClient returns the client of the host at the address. It dials nothing.
func (a *Adapter) newHostClient(address string, token ats.Secret) (Host, error) {
	client, err := httpx.New(httpx.Config{
		BaseURL:     address,
		HTTPClient:  a.http,
		UserAgent:   a.cfg.UserAgent,
		Auth:        httpx.Header("Authorization", "Bearer "+token.Reveal()),
		MaxAttempts: 1,
		MaxBody:     1 << 20,
		Secrets:     []string{token.Reveal()},
		Explain:     explainHost,
	})
	if err != nil {
		return nil, fmt.Errorf("host: %w: %w", ats.ErrInvalid, err)
	}
	return &hostClient{client}, nil
}

// explainHost reads what a host says about an error. The contract fixes no shape; the
// usual ones are understood and their text is masked before it is shown. The header tells a
// token of ours that is refused from a person's credential (RFC 6750, 3).
func explainHost(status int, header http.Header, body []byte) httpx.Facts {
	if status == http.StatusUnauthorized && strings.Contains(header.Get("WWW-Authenticate"), codeInvalidToken) {
		return httpx.Facts{Code: codeInvalidToken}
	}
	var said struct {
		Code    string `json:"code"`
		Title   string `json:"title"`
		Detail  string `json:"detail"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &said) != nil {
		return httpx.Facts{}
	}
	return httpx.Facts{Code: said.Code, Message: orDefault(orDefault(said.Detail, said.Message), said.Title)}
}

// The shapes of the contract.
type (
	wireCandidate struct {
		LegalEntityID int32  `json:"legalEntityId"`
		ATSAccountID  string `json:"atsAccountId"`
		JobID         string `json:"jobId"`
		CandidateID   string `json:"candidateId"`
	}
	wireCredential struct {
		Credential string `json:"credential"`
	}
	wireActor struct {
		UserID        *int32 `json:"userId"`
		Email         string `json:"email"`
		Name          string `json:"name"`
		Administrator bool   `json:"administrator"`
	}
	wireAccessCheck struct {
		UserID    int32         `json:"userId"`
		Candidate wireCandidate `json:"candidate"`
	}
	wireAllowed struct {
		Allowed *bool `json:"allowed"`
	}
	wireItem struct {
		Key         string        `json:"key"`
		Kind        Kind          `json:"kind"`
		Text        string        `json:"text"`
		Candidate   wireCandidate `json:"candidate"`
		At          string        `json:"at"`
		ActorUserID *int32        `json:"actorUserId"`
		RequestID   *string       `json:"requestId"`
	}
	wireTabUpdate struct {
		Candidate wireCandidate `json:"candidate"`
		Tab       wireTab       `json:"tab"`
	}
	wireTab struct {
		Revision      int64   `json:"revision"`
		RequestID     *string `json:"requestId"`
		State         Tab     `json:"state"`
		Label         string  `json:"label"`
		ExpiresOn     *string `json:"expiresOn"`
		ViewAvailable bool    `json:"viewAvailable"`
		CanCancel     bool    `json:"canCancel"`
		CanRequest    bool    `json:"canRequest"`
	}
)

// errHostAnswer is an answer of the host that is not what the contract says.
const errHostAnswer = httpx.ConstError("the host's answer lacks what the contract requires")

// codeInvalidToken is how a host says that it does not accept our bearer token.
const codeInvalidToken = "invalid_token"

// Actor implements [Host]. A token of ours that is refused says nothing about the person's
// credential: it matches [ats.ErrUnavailable].
func (h *hostClient) Actor(ctx context.Context, credential string) (Actor, error) {
	var found wireActor
	err := h.call(ctx, http.MethodPost, "/v1/actor", nil, wireCredential{credential}, func(body []byte) error {
		return decodeActor(body, &found)
	})
	if refusal, ok := errors.AsType[*httpx.Error](err); ok && refusal.Status == http.StatusUnauthorized {
		if refusal.Code == codeInvalidToken {
			return Actor{}, &kindError{ats.ErrUnavailable, fmt.Errorf("the host does not accept our token: %w", refusal)}
		}
		return Actor{}, fmt.Errorf("%w: %w", ErrUnknownActor, err)
	}
	if err != nil {
		return Actor{}, err
	}
	return Actor{UserID: *found.UserID, Email: found.Email, Name: found.Name, Administrator: found.Administrator}, nil
}

func decodeActor(body []byte, to *wireActor) error {
	*to = wireActor{}
	if err := json.Unmarshal(body, to); err != nil {
		return err
	}
	if to.UserID == nil {
		return errHostAnswer
	}
	return nil
}

// MayView implements [Host].
func (h *hostClient) MayView(ctx context.Context, a Actor, c CandidateRef) (bool, error) {
	var answer wireAllowed
	err := h.call(ctx, http.MethodPost, "/v1/access-checks", nil, wireAccessCheck{a.UserID, wireOf(c)}, func(body []byte) error {
		return decodeAllowed(body, &answer)
	})
	if errors.Is(err, ats.ErrNotFound) {
		return false, nil // nobody knows the person or the candidate
	}
	if err != nil {
		return false, err
	}
	return *answer.Allowed, nil
}

func decodeAllowed(body []byte, to *wireAllowed) error {
	*to = wireAllowed{}
	if err := json.Unmarshal(body, to); err != nil {
		return err
	}
	if to.Allowed == nil {
		return errHostAnswer
	}
	return nil
}

// AppendNewsfeed implements [Host].
func (h *hostClient) AppendNewsfeed(ctx context.Context, item NewsfeedItem) error {
	header := http.Header{"Idempotency-Key": {item.Key}}
	return h.call(ctx, http.MethodPost, "/v1/newsfeed-items", header, wireItem{
		Key: item.Key, Kind: item.Kind, Text: item.Text, Candidate: wireOf(item.Candidate),
		At: item.At.UTC().Format(time.RFC3339), ActorUserID: item.ActorUserID, RequestID: orNull(item.RequestID),
	}, nil)
}

// ShowVideoInterview implements [Host].
func (h *hostClient) ShowVideoInterview(ctx context.Context, c CandidateRef, s TabState) error {
	return h.call(ctx, http.MethodPut, "/v1/video-interview-tab", nil, wireTabUpdate{wireOf(c), wireTab{
		Revision: s.Revision, RequestID: orNull(s.RequestID), State: s.State, Label: s.Label, ExpiresOn: orNull(s.ExpiresOn.String()),
		ViewAvailable: s.ViewAvailable, CanCancel: s.CanCancel, CanRequest: s.CanRequest,
	}}, nil)
}

// call sends one message and hands the answer to decode, if there is one.
func (h *hostClient) call(ctx context.Context, method, path string, header http.Header, message any, decode func([]byte) error) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encode message to host: %w", err)
	}
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	header.Set("Accept", "application/json")
	err = h.http.Do(ctx, &httpx.Request{Method: method, Path: path, Header: header, Body: body}, func(_ *httpx.Response, r io.Reader) error {
		answer, err := httpx.ReadAll(r)
		if err != nil {
			return err
		}
		if decode == nil {
			return checkTaken(answer)
		}
		return decode(answer)
	})
	return classifyHost(err)
}

// checkTaken looks at an answer for which the contract has no body. JSON or a plain word does no
// harm. A page of a proxy that answers in the host's place, or JSON that breaks off, does not say
// that the host has taken the message, and sending it again is safe.
func checkTaken(answer []byte) error {
	answer = bytes.TrimSpace(answer)
	if len(answer) > 0 && bytes.IndexByte([]byte(`<{["`), answer[0]) >= 0 && !json.Valid(answer) {
		return errHostAnswer
	}
	return nil
}

func wireOf(c CandidateRef) wireCandidate {
	return wireCandidate{c.LegalEntityID, c.ATSAccountID, c.JobID, c.CandidateID}
}

// orNull is how the contract says that there is nothing.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
