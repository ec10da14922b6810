package paycortest

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bodies of the host contract. Members are pointers, so that one that is missing is told from one that
// is empty.

type hostCandidate struct {
	LegalEntityID *int32  `json:"legalEntityId"`
	ATSAccountID  *string `json:"atsAccountId"`
	JobID         *string `json:"jobId"`
	CandidateID   *string `json:"candidateId"`
}

func (c *hostCandidate) missing(miss func(string, bool)) {
	miss("candidate", c == nil)
	if c == nil {
		return
	}
	miss("candidate.legalEntityId", c.LegalEntityID == nil)
	miss("candidate.atsAccountId", c.ATSAccountID == nil)
	miss("candidate.jobId", c.JobID == nil)
	miss("candidate.candidateId", c.CandidateID == nil)
}

func (c *hostCandidate) ref() CandidateRef {
	return CandidateRef{LegalEntityID: *c.LegalEntityID, AccountID: *c.ATSAccountID, JobID: *c.JobID, CandidateID: *c.CandidateID}
}

type hostItem struct {
	Key         *string        `json:"key"`
	Kind        *string        `json:"kind"`
	Text        *string        `json:"text"`
	Candidate   *hostCandidate `json:"candidate"`
	At          *string        `json:"at"`
	ActorUserID *int32         `json:"actorUserId"`
	RequestID   *string        `json:"requestId"`
}

func (i *hostItem) missing(miss func(string, bool)) {
	miss("key", i.Key == nil)
	miss("kind", i.Kind == nil)
	miss("text", i.Text == nil)
	miss("at", i.At == nil)
	i.Candidate.missing(miss)
}

// itemKinds are the kinds of the contract.
var itemKinds = []string{ //nolint:gochecknoglobals // a constant table
	"video_interview.requested", "video_interview.accepted", "video_interview.completed", "video_interview.canceled",
	"video_interview.expired", "video_interview.reset", "video_interview.deadline_changed", "video_interview.removed",
}

const maxKey = 200 // characters

func (i *hostItem) item() (item NewsfeedItem, problem string) {
	at, err := time.Parse(time.RFC3339, *i.At)
	switch {
	case *i.Key == "" || utf8.RuneCountInString(*i.Key) > maxKey:
		return item, "key must have 1 to 200 characters"
	case !slices.Contains(itemKinds, *i.Kind):
		return item, "kind is not one of the contract's"
	case err != nil:
		return item, "at must be a date-time"
	}
	item = NewsfeedItem{Key: *i.Key, Kind: *i.Kind, Text: *i.Text, Candidate: i.Candidate.ref(), At: at.UTC(), ActorUserID: i.ActorUserID}
	if i.RequestID != nil {
		item.RequestID = *i.RequestID
	}
	return item, ""
}

// equal compares contents. Moments are equal whatever their zone.
func (i NewsfeedItem) equal(o NewsfeedItem) bool {
	sameActor := (i.ActorUserID == nil) == (o.ActorUserID == nil) && (i.ActorUserID == nil || *i.ActorUserID == *o.ActorUserID)
	return i.Kind == o.Kind && i.Text == o.Text && i.Candidate == o.Candidate && i.At.Equal(o.At) &&
		i.RequestID == o.RequestID && sameActor
}

type hostTab struct {
	Revision      *int64  `json:"revision"`
	RequestID     *string `json:"requestId"`
	State         *string `json:"state"`
	Label         *string `json:"label"`
	ExpiresOn     *string `json:"expiresOn"`
	ViewAvailable *bool   `json:"viewAvailable"`
	CanCancel     *bool   `json:"canCancel"`
	CanRequest    *bool   `json:"canRequest"`
}

func (t *hostTab) missing(miss func(string, bool)) {
	miss("tab", t == nil)
	if t == nil {
		return
	}
	miss("tab.revision", t.Revision == nil)
	miss("tab.state", t.State == nil)
	miss("tab.label", t.Label == nil)
	miss("tab.viewAvailable", t.ViewAvailable == nil)
	miss("tab.canCancel", t.CanCancel == nil)
	miss("tab.canRequest", t.CanRequest == nil)
}

// tabStates are the states of the contract.
var tabStates = []string{"none", "requested", "accepted", "completed", "canceled", "expired"} //nolint:gochecknoglobals // a constant table

func (t *hostTab) state() (tab TabState, problem string) {
	if !slices.Contains(tabStates, *t.State) {
		return tab, "tab.state is not one of the contract's"
	}
	tab = TabState{
		Revision: *t.Revision, State: *t.State, Label: *t.Label,
		ViewAvailable: *t.ViewAvailable, CanCancel: *t.CanCancel, CanRequest: *t.CanRequest,
	}
	if t.RequestID != nil {
		tab.RequestID = *t.RequestID
	}
	if t.ExpiresOn != nil {
		if _, err := time.Parse(time.DateOnly, *t.ExpiresOn); err != nil {
			return tab, "tab.expiresOn must be a date"
		}
		tab.ExpiresOn = *t.ExpiresOn
	}
	return tab, ""
}

// readBody decodes a JSON body into body and refuses what the contract does not know: members that it
// does not list or that are missing, names in another case, anything after the document. It answers
// with 400 or 415 itself.
func readBody(w http.ResponseWriter, r *http.Request, body any, check func(miss func(name string, missing bool))) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		hostError(w, http.StatusUnsupportedMediaType, "send application/json")
		return false
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		hostError(w, http.StatusBadRequest, "the body could not be read")
		return false
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(body); err != nil {
		hostError(w, http.StatusBadRequest, "the body is not as the contract says: "+err.Error())
		return false
	}
	if _, err := dec.Token(); err != io.EOF {
		hostError(w, http.StatusBadRequest, "something follows the document")
		return false
	}
	if name := wrongCase(text, body); name != "" {
		hostError(w, http.StatusBadRequest, "unknown member "+name)
		return false
	}
	var missing []string
	check(func(name string, is bool) {
		if is {
			missing = append(missing, name)
		}
	})
	if len(missing) > 0 {
		hostError(w, http.StatusBadRequest, "missing: "+strings.Join(missing, ", "))
		return false
	}
	return true
}

// wrongCase finds a member that encoding/json took although its name is spelled in another case. What
// was decoded is encoded again: its names are the right ones.
func wrongCase(text []byte, body any) string {
	again, err := json.Marshal(body)
	if err != nil {
		return "(body)"
	}
	var got, want any
	if json.Unmarshal(text, &got) != nil || json.Unmarshal(again, &want) != nil {
		return "(body)"
	}
	return extraMember(got, want)
}

func extraMember(got, want any) string {
	g, ok := got.(map[string]any)
	if !ok {
		return ""
	}
	w, _ := want.(map[string]any)
	for name, value := range g {
		right, known := w[name]
		if !known {
			return name
		}
		if inner := extraMember(value, right); inner != "" {
			return name + "." + inner
		}
	}
	return ""
}

// hostError answers in a form of this simulator: the contract describes statuses only.
func hostError(w http.ResponseWriter, status int, reason string) {
	writeJSON(w, status, map[string]string{"error": reason})
}
