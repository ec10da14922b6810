package sparkhiretest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// v2Base is the path under which version 2.0, called Meet, lives. [observed: docs/vendors/sparkhire.md]
const v2Base = "/v2.0"

// requesterHeader names the user on whose behalf a call runs. [observed: docs/vendors/sparkhire.md]
const requesterHeader = "Requester"

// meetState is what only version 2.0 has. The server's lock guards it.
type meetState struct {
	credentials table[*credentials]
	tokens      table[*token]
	hooks       table[*meetHook]
}

// meetRoute is one operation: method, path, status on success, the list that its query may hold.
type meetRoute struct {
	method  string
	path    string
	success int
	run     func(*Server, *call) (any, *meetProblem)
	list    string
}

// meetProblem is a refusal in version 2.0, whose sentence goes out as "message".
type meetProblem struct {
	*problem

	complaint string // about one field, whose name begins it
	code      string // for machines
}

// V2URL returns the base URL of API version 2.0, called Meet: URL followed by "/v2.0". Of it there are the five
// operations that are known. It shows the records of version 1.0: an assessment item is an interview under the same UUID.
//
// A call wants a token for [Credentials] of the account and, in the header requester, the e-mail address of an active
// [User], whom [Request.UserID] then names and whose permissions count. Refusals have the body
// {"message": "…", "errors": {"field": ["…"]}}. Each pair of credentials has the budget that a key has in version 1.0.
// Webhooks are made with [Server.AddMeetWebhook].
func (s *Server) V2URL() string { return s.URL + v2Base }

// v2Routes lists the operations of version 2.0 that are known, but for the token, which needs no token.
// [observed: methods, paths and parameters; assumed: 201 for an invitation; docs/vendors/sparkhire.md]
func v2Routes() []meetRoute {
	return []meetRoute{
		{http.MethodGet, "partners/jobs", http.StatusOK, (*Server).listMeetJobs, ""},
		{http.MethodGet, "partners/library/question_sets/all", http.StatusOK, (*Server).listMeetSets, "type"},
		{http.MethodPost, "partners/candidate_assessment_items", http.StatusCreated, (*Server).createItems, ""},
		{http.MethodGet, "partners/candidate_assessment_items/{uuid}", http.StatusOK, (*Server).getItem, "load"},
	}
}

// v2 is version 2.0: token, rate limit, route, requester, query, body, handler, in this order.
// [assumed: the order; docs/vendors/sparkhire.md]
func (s *Server) v2(r *http.Request, path string, body []byte, now time.Time, entry *Request) answer {
	if path == tokenPath {
		entry.Body = withoutSecret(body)
		return s.issueToken(r, body, now)
	}
	if u := s.requesterOf(r); u != nil {
		entry.UserID, entry.User = u.id, u.name()
	}
	by, p := s.bearer(r, now)
	if p == nil {
		p = s.chargeCredentials(by, now)
	}
	c := &call{now: now, query: r.URL.Query(), body: body}
	var found meetRoute
	if p == nil {
		found, c.args, p = findMeetRoute(r.Method, path)
	}
	if p == nil {
		c.user, p = s.requester(r, by)
	}
	if p == nil {
		p = checkList(r.URL, found.list)
	}
	if p == nil && len(body) > 0 {
		p = meet(checkMediaType(r.Header.Get("Content-Type")))
	}
	var value any
	if p == nil {
		value, p = found.run(s, c)
	}
	if p != nil {
		return p.answer()
	}
	return s.success(found.success, value)
}

// findMeetRoute finds the operation for an escaped path below the version.
// [assumed: 404 for an unknown path, 405 with Allow for a known one; docs/vendors/sparkhire.md]
func findMeetRoute(method, path string) (meetRoute, map[string]string, *meetProblem) {
	segments := segmentsOf(path)
	var allowed []string
	for _, route := range v2Routes() {
		args, ok := matchPath(strings.Split(route.path, "/"), segments)
		if ok && route.method == method {
			return route, args, nil
		}
		if ok {
			allowed = append(allowed, route.method)
		}
	}
	if len(allowed) == 0 {
		return meetRoute{}, nil, meet(refusal(http.StatusNotFound, "There is no such resource."))
	}
	return meetRoute{}, nil, meet(notAllowed(method, allowed))
}

func notAllowed(method string, allowed []string) *problem {
	p := refusal(http.StatusMethodNotAllowed, "%s is not supported here.", method)
	p.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
	return p
}

// chargeCredentials takes one request from the budget of a pair of credentials.
// [assumed: the figure of version 1.0, per credentials, apart from keys; docs/vendors/sparkhire.md]
func (s *Server) chargeCredentials(c *credentials, now time.Time) *meetProblem {
	return meet(s.charge("meet "+c.ClientID, now))
}

// requester finds the user whom the call is made for: active, and of the credentials' account.
// [observed: the header; vendor-authored: an active user; assumed: the refusal; docs/vendors/sparkhire.md]
func (s *Server) requester(r *http.Request, by *credentials) (*user, *meetProblem) {
	u := s.requesterOf(r)
	if u == nil || u.disabled || u.account.id != by.AccountID {
		return nil, s.requesterRefused("The requester is not an active user of the account.")
	}
	return u, nil
}

func (s *Server) requesterRefused(reason string) *meetProblem {
	return meet(refusal(s.cfg.meet.requesterStatus(), "%s", reason))
}

// requesterOf finds the user whom a request names, of whatever account; nil if there is none.
func (s *Server) requesterOf(r *http.Request) *user {
	address := r.Header.Get(requesterHeader)
	for _, u := range s.users.list {
		if address != "" && !u.deleted && sameAddress(u.email, address) {
			return u
		}
	}
	return nil
}

// checkList refuses parameters other than those of one list, in PHP's spelling: name[0] and so on, or name[]. No list is
// called "". [observed: both spellings; assumed: the refusal; docs/vendors/sparkhire.md]
func checkList(u *url.URL, want string) *meetProblem {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return meet(refusal(http.StatusBadRequest, "The query string is malformed."))
	}
	for name, values := range query {
		list, index, ok := cutIndex(name)
		switch {
		case !ok || want == "" || list != want:
			return meet(refusal(http.StatusBadRequest, "The parameter %s is not known here.", name))
		case index != "" && len(values) > 1:
			return meet(refusal(http.StatusBadRequest, "The parameter %s may be given once.", name))
		}
	}
	return nil
}

// cutIndex splits type[0] into type and 0, and type[] into type and nothing.
func cutIndex(name string) (list, index string, ok bool) {
	list, rest, _ := strings.Cut(name, "[")
	index, after, closed := strings.Cut(rest, "]")
	_, err := strconv.ParseUint(index, 10, 16)
	return list, index, closed && after == "" && (index == "" || err == nil)
}

// listed returns the values of the list in the query, all of which must be among those that are known.
func (s *Server) listed(c *call, list string, known ...string) ([]string, *meetProblem) {
	var all []string
	for _, values := range c.query {
		all = append(all, values...)
	}
	for _, value := range all {
		if !slices.Contains(known, value) {
			return nil, s.invalid(list + " must be one of " + strings.Join(known, ", ") + ".")
		}
	}
	return all, nil
}

// meet makes a refusal of version 2.0 out of one of version 1.0; none stays none.
func meet(p *problem) *meetProblem {
	if p == nil {
		return nil
	}
	return &meetProblem{problem: p}
}

// invalid refuses a request for what one field holds. The complaint begins with the field's name.
func (s *Server) invalid(complaint string) *meetProblem {
	return &meetProblem{problem: refusal(s.cfg.meet.refusalStatus(), "The given data was invalid."), complaint: complaint}
}

// answer renders the error body: a message, and what is wrong with a field. [assumed: docs/vendors/sparkhire.md]
func (p *meetProblem) answer() answer {
	shown := map[string]any{"message": p.reason}
	if p.code != "" {
		shown["error"] = p.code
	}
	if field, _, _ := strings.Cut(p.complaint, " "); field != "" {
		shown["errors"] = map[string][]string{field: {p.complaint}}
	}
	body, err := json.Marshal(shown)
	if err != nil {
		panic(err) // text always marshals
	}
	return answer{status: p.status, header: p.header, body: body}
}
