package paycortest

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Host plays the product that owns the candidate's screen, as a service that speaks the host contract:
// what no public API of Paycor offers. The contract is ours [assumed: docs/vendors/paycor.md]. Make one
// with [NewHost]; the zero value does not work.
type Host struct {
	*Endpoint

	token      string
	users      map[int32]UserConfig
	actors     map[string]int32 // credential to user
	candidates map[CandidateRef]bool
	paycor     *Server
	grants     map[access]bool
	everyone   bool
	noNewsfeed bool
	noTab      bool

	newsfeed map[CandidateRef][]NewsfeedItem
	keys     map[string]NewsfeedItem
	tabs     map[CandidateRef]TabState
	counts   HostCounts
}

type access struct {
	user      int32
	candidate CandidateRef
}

// UserConfig describes a person who uses the product.
type UserConfig struct {
	ID int32
	// Email and Name are left out of answers when empty: the contract requires neither.
	Email, Name string
	// Administrator lets the person see every candidate, and tells the integration who may change
	// settings.
	Administrator bool
}

// LogValue shows the id.
func (u UserConfig) LogValue() slog.Value { return slog.Int64Value(int64(u.ID)) }

// NewsfeedItem is a line of a candidate's newsfeed, as it was stored.
type NewsfeedItem struct {
	Key       string // at most 200 characters
	Kind      string // one of the contract's, such as "video_interview.requested"
	Text      string // what people read
	Candidate CandidateRef
	At        time.Time // UTC
	// ActorUserID is the person behind it, nil when there was none.
	ActorUserID *int32
	RequestID   string // empty when there was none
}

// TabState is what a candidate's Video Interview tab shows.
type TabState struct {
	Revision      int64  // the largest so far; older ones were ignored
	RequestID     string // empty when there was none
	State         string // one of the contract's, such as "requested"
	Label         string // what people read
	ExpiresOn     string // YYYY-MM-DD, or empty
	ViewAvailable bool
	CanCancel     bool
	CanRequest    bool
}

// HostCounts are what a host was asked, by what became of it.
type HostCounts struct {
	Actors, UnknownActors int // credentials that were resolved, and others
	AccessChecks          int // whatever the answer was

	NewsfeedStored   int
	NewsfeedRepeated int // the same key and content again
	NewsfeedRefused  int // the same key, other content

	TabsStored  int
	TabsIgnored int // an older revision, or the same again
}

// NewHost starts a host. It takes the options that a [Server] takes; in memory its URL is
// https://recruiting-host.test. Close it when done.
func NewHost(opts ...Option) *Host {
	h := &Host{
		users: map[int32]UserConfig{}, actors: map[string]int32{}, candidates: map[CandidateRef]bool{}, grants: map[access]bool{},
		newsfeed: map[CandidateRef][]NewsfeedItem{}, keys: map[string]NewsfeedItem{}, tabs: map[CandidateRef]TabState{},
	}
	cfg := newConfig("NewHost", opts)
	ready := make(chan struct{})
	h.Endpoint = start(cfg, "https://recruiting-host.test", func(w http.ResponseWriter, r *http.Request, _ *Request) {
		<-ready
		h.route(w, r)
	})
	h.token = h.ids.secret(20)
	close(ready)
	return h
}

// Token returns the bearer token that a caller needs.
func (h *Host) Token() string { return h.token }

// AddUser adds a person, or replaces the one with the same id, and returns the credential that the
// product's page hands to that person's browser.
func (h *Host) AddUser(u UserConfig) (credential string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.users[u.ID] = u
	credential = "session-" + h.ids.secret(16)
	h.actors[credential] = u.ID
	return credential
}

// Forget ends a credential, as a sign-out does.
func (h *Host) Forget(credential string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.actors, credential)
}

// AddCandidate makes a candidate known.
func (h *Host) AddCandidate(ref CandidateRef) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.candidates[ref] = true
}

// Front makes every candidate of s known, now and later: the host then fronts that Paycor.
func (h *Host) Front(s *Server) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.paycor = s
}

// Allow lets a user see a candidate. Administrators see all candidates without it [assumed].
func (h *Host) Allow(user int32, ref CandidateRef) { h.setAccess(user, ref, true) }

// Deny takes that away, also from an administrator.
func (h *Host) Deny(user int32, ref CandidateRef) { h.setAccess(user, ref, false) }

func (h *Host) setAccess(user int32, ref CandidateRef, allowed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.grants[access{user, ref}] = allowed
}

// AllowEveryone lets every known user see every known candidate, but for what [Host.Deny] says.
func (h *Host) AllowEveryone() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.everyone = true
}

// WithoutNewsfeed makes the host answer 501 to newsfeed items, or lets it take them again.
func (h *Host) WithoutNewsfeed(missing bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noNewsfeed = missing
}

// WithoutTab makes the host answer 501 to what the tab shows, or lets it take it again.
func (h *Host) WithoutTab(missing bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noTab = missing
}

// Newsfeed returns a candidate's newsfeed in the order in which its items arrived.
func (h *Host) Newsfeed(ref CandidateRef) []NewsfeedItem {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.newsfeed[ref])
}

// Texts returns the texts of a candidate's newsfeed.
func (h *Host) Texts(ref CandidateRef) []string {
	var texts []string
	for _, item := range h.Newsfeed(ref) {
		texts = append(texts, item.Text)
	}
	return texts
}

// Tab returns what a candidate's tab shows, and whether it has been told anything.
func (h *Host) Tab(ref CandidateRef) (TabState, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.tabs[ref]
	return t, ok
}

// Counts returns what was asked so far.
func (h *Host) Counts() HostCounts {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.counts
}

// knows reports whether a candidate is there. Callers hold h.mu.
func (h *Host) knows(ref CandidateRef) bool {
	return h.candidates[ref] || h.paycor != nil && h.paycor.Exists(ref)
}

// mayView is the access rule. Callers hold h.mu.
func (h *Host) mayView(user int32, ref CandidateRef) bool {
	u, ok := h.users[user]
	if !ok || !h.knows(ref) {
		return false
	}
	if allowed, said := h.grants[access{user, ref}]; said {
		return allowed
	}
	return h.everyone || u.Administrator
}

// route serves the four calls of the contract. A wrong bearer token is answered with 401 and
// WWW-Authenticate, which tells it from an unknown credential [assumed].
func (h *Host) route(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer || token != h.token {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		hostError(w, http.StatusUnauthorized, "the bearer token is not this host's")
		return
	}
	calls := map[string]struct {
		method string
		serve  func(http.ResponseWriter, *http.Request)
	}{
		"/v1/actor":               {http.MethodPost, h.actor},
		"/v1/access-checks":       {http.MethodPost, h.accessCheck},
		"/v1/newsfeed-items":      {http.MethodPost, h.newsfeedItem},
		"/v1/video-interview-tab": {http.MethodPut, h.tab},
	}
	call, ok := calls[r.URL.Path]
	switch {
	case !ok:
		hostError(w, http.StatusNotFound, "no such path")
	case r.Method != call.method:
		w.Header().Set("Allow", call.method)
		hostError(w, http.StatusMethodNotAllowed, "use "+call.method)
	case r.URL.RawQuery != "":
		hostError(w, http.StatusBadRequest, "no query parameter is expected")
	default:
		call.serve(w, r)
	}
}

func (h *Host) actor(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Credential *string `json:"credential"`
	}
	if !readBody(w, r, &body, func(miss func(string, bool)) { miss("credential", body.Credential == nil) }) {
		return
	}
	id, ok := h.actors[*body.Credential]
	if !ok {
		h.counts.UnknownActors++
		hostError(w, http.StatusUnauthorized, "the credential is unknown or has expired")
		return
	}
	h.counts.Actors++
	u := h.users[id]
	answer := map[string]any{"userId": u.ID, "administrator": u.Administrator}
	if u.Email != "" {
		answer["email"] = u.Email
	}
	if u.Name != "" {
		answer["name"] = u.Name
	}
	writeJSON(w, http.StatusOK, answer)
}

// accessCheck answers no for a candidate or a user that does not exist: the contract has no 404 here.
func (h *Host) accessCheck(w http.ResponseWriter, r *http.Request) {
	var body struct {
		UserID    *int32         `json:"userId"`
		Candidate *hostCandidate `json:"candidate"`
	}
	if !readBody(w, r, &body, func(miss func(string, bool)) {
		miss("userId", body.UserID == nil)
		body.Candidate.missing(miss)
	}) {
		return
	}
	h.counts.AccessChecks++
	writeJSON(w, http.StatusOK, map[string]bool{"allowed": h.mayView(*body.UserID, body.Candidate.ref())})
}

func (h *Host) newsfeedItem(w http.ResponseWriter, r *http.Request) {
	if h.noNewsfeed {
		hostError(w, http.StatusNotImplemented, "this host cannot write newsfeed items")
		return
	}
	var body hostItem
	if !readBody(w, r, &body, body.missing) {
		return
	}
	item, problem := body.item()
	if keys := r.Header.Values("Idempotency-Key"); problem == "" && (len(keys) != 1 || keys[0] != item.Key) {
		problem = "the header Idempotency-Key must equal key"
	}
	if problem != "" {
		hostError(w, http.StatusBadRequest, problem)
		return
	}
	if !h.knows(item.Candidate) {
		hostError(w, http.StatusNotFound, "no such candidate")
		return
	}
	if stored, ok := h.keys[item.Key]; ok {
		if !stored.equal(item) {
			h.counts.NewsfeedRefused++
			hostError(w, http.StatusConflict, "another item has this key")
			return
		}
		h.counts.NewsfeedRepeated++
		w.WriteHeader(http.StatusOK)
		return
	}
	h.counts.NewsfeedStored++
	h.keys[item.Key] = item
	h.newsfeed[item.Candidate] = append(h.newsfeed[item.Candidate], item)
	w.WriteHeader(http.StatusCreated)
}

func (h *Host) tab(w http.ResponseWriter, r *http.Request) {
	if h.noTab {
		hostError(w, http.StatusNotImplemented, "this host has no such tab")
		return
	}
	var body struct {
		Candidate *hostCandidate `json:"candidate"`
		Tab       *hostTab       `json:"tab"`
	}
	if !readBody(w, r, &body, func(miss func(string, bool)) {
		body.Candidate.missing(miss)
		body.Tab.missing(miss)
	}) {
		return
	}
	tab, problem := body.Tab.state()
	if problem != "" {
		hostError(w, http.StatusBadRequest, problem)
		return
	}
	ref := body.Candidate.ref()
	if !h.knows(ref) {
		hostError(w, http.StatusNotFound, "no such candidate")
		return
	}
	if current, ok := h.tabs[ref]; ok && tab.Revision <= current.Revision {
		h.counts.TabsIgnored++
	} else {
		h.counts.TabsStored++
		h.tabs[ref] = tab
	}
	w.WriteHeader(http.StatusNoContent)
}
