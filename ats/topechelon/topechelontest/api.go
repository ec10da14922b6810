package topechelontest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is a request to the API by a user.
type call struct {
	*http.Request
	server *Server
	user   *User
	scopes []string
	body   []byte
	id     string // the {id} of the path
}

// operation is a call that is known to exist.
type operation struct {
	method, path string
	write        bool // needs the scope to write, otherwise the one to read
	handle       func(*call) reply
}

// operations is the whole API. [observed: docs/vendors/topechelon.md] There is nothing for pipelines, stages, activities
// and users, so that code which invents such a call fails.
func (s *Server) operations() []operation {
	ops := []operation{
		{http.MethodPost, "/people/search", false, searchPeople},
		{http.MethodPost, "/people/parse", true, parseResume},
		{http.MethodPost, "/people/{id}/attachments", true, attach},
		{http.MethodGet, "/jobs/{id}", false, getJob},
		{http.MethodGet, "/hotlists", false, listHotlists},
		{http.MethodPost, "/hotlists", true, createHotlist},
		{http.MethodPost, "/hotlists/{id}/add_record", true, addRecord},
		{http.MethodGet, "/hotlists/{id}/all_records", false, allRecords},
	}
	if s.cfg.unverified {
		ops = append(ops, operation{http.MethodGet, "/people/{id}", false, getPerson})
	}
	return ops
}

// api finds out whose request it is and hands it to the operation. [assumed] The order of the checks: token, rate, address,
// scope, then the request itself.
func (s *Server) api(r *http.Request, body []byte, entry *Request) reply {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p := s.use(token)
	if !ok || p == nil {
		return reply{status: http.StatusUnauthorized}
	}
	entry.User = p.user.ID
	if wait, over := s.overLimit(p.user); over {
		return reply{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {strconv.Itoa(wait)}}}
	}
	path := strings.TrimPrefix(r.URL.Path, apiPath)
	for _, op := range s.operations() {
		id, ok := match(op.path, path)
		if !ok || op.method != r.Method {
			continue
		}
		c := &call{Request: r, server: s, user: p.user, scopes: p.scopes, body: body, id: id}
		if !c.may(op.write) {
			return refuse(http.StatusForbidden, "the token lacks the scope")
		}
		if !strings.Contains(r.Header.Get("Accept"), "application/json") {
			return s.wrong(r, http.StatusNotAcceptable, "header Accept: want application/json")
		}
		return op.handle(c)
	}
	return s.wrong(r, http.StatusNotFound, "no such call is known")
}

// match compares a path with a template of at most one {id}.
func match(template, path string) (id string, ok bool) {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return "", false
	}
	for i := range want {
		switch {
		case want[i] == "{id}" && have[i] != "":
			id = have[i]
		case want[i] != have[i]:
			return "", false
		}
	}
	return id, true
}

// may checks the scope.
func (c *call) may(write bool) bool {
	scope := c.server.cfg.scopes[0]
	if write {
		scope = c.server.cfg.scopes[1]
	}
	return slices.Contains(c.scopes, scope)
}

// overLimit counts the request and says how many seconds to wait if it is one too many.
func (s *Server) overLimit(u *User) (seconds int, over bool) {
	if s.cfg.limit == 0 {
		return 0, false
	}
	now := s.now()
	s.spent[u] = slices.DeleteFunc(s.spent[u], func(t time.Time) bool { return !now.Before(t.Add(s.cfg.window)) })
	if len(s.spent[u]) >= s.cfg.limit {
		wait := s.spent[u][0].Add(s.cfg.window).Sub(now)
		return int((wait + time.Second - 1) / time.Second), true
	}
	s.spent[u] = append(s.spent[u], now)
	return 0, false
}

// hidden is the answer for what the user may not see or what does not exist.
func (c *call) hidden(exists bool) reply {
	if exists {
		return refuse(c.server.cfg.hidden, "the record cannot be shown")
	}
	return refuse(http.StatusNotFound, "no such record")
}

// person finds the person of an id, or the answer without one.
func (c *call) person(id string) (*Person, *reply) {
	p := c.user.agency.person(id)
	if p == nil || !c.user.sees("person", id) {
		no := c.hidden(p != nil)
		return nil, &no
	}
	return p, nil
}

// json reads the body into v, refusing members that are not known. [assumed] The vendor may ignore them; a client that
// sends them counts on something that nobody has seen.
func (c *call) json(v any) *reply {
	if no := c.server.strictJSON(c.Request, c.body, v); no != nil {
		return no
	}
	return nil
}

// strictJSON reads exactly one document with known members. Callers hold the lock.
func (s *Site) strictJSON(r *http.Request, body []byte, v any) *reply {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		no := s.wrong(r, http.StatusUnsupportedMediaType, "header Content-Type: want application/json")
		return &no
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err = dec.Decode(v)
	if err == nil {
		if _, end := dec.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("more than one document")
		}
	}
	if err != nil {
		no := s.wrong(r, http.StatusBadRequest, "body: "+describe(err))
		return &no
	}
	return nil
}

// describe leaves out what was sent.
func describe(err error) string {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return fmt.Sprintf("member %s: want %s", kind.Field, kind.Type)
	case strings.HasPrefix(err.Error(), "json: unknown field"):
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	return "want one JSON document"
}

// query refuses parameters that are not known and those given twice.
func (c *call) query(known ...string) *reply {
	for name, values := range c.URL.Query() {
		if !slices.Contains(known, name) || len(values) != 1 {
			no := c.server.wrong(c.Request, http.StatusBadRequest, "parameter not known or given twice: "+name)
			return &no
		}
	}
	return nil
}

// upload reads a form with one file in the part "file".
func (c *call) upload() (*Attachment, *reply) {
	fail := func(status int, reason string) (*Attachment, *reply) {
		no := c.server.wrong(c.Request, status, reason)
		return nil, &no
	}
	if len(c.body) > c.server.cfg.maxUpload {
		no := refuse(http.StatusRequestEntityTooLarge, "the file is too large")
		return nil, &no
	}
	media, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		// A Content-Type set by hand lacks the boundary. [observed]
		return fail(http.StatusUnsupportedMediaType, "header Content-Type: want multipart/form-data with a boundary")
	}
	reader := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	part, err := reader.NextPart()
	if err != nil || part.FormName() != "file" || part.FileName() == "" {
		return fail(http.StatusUnprocessableEntity, "want a part named file with a file name")
	}
	content, err := io.ReadAll(part)
	if err != nil || len(content) == 0 {
		return fail(http.StatusUnprocessableEntity, "the file is empty or cut off")
	}
	if _, err := reader.NextPart(); !errors.Is(err, io.EOF) {
		return fail(http.StatusUnprocessableEntity, "want one part and the closing boundary")
	}
	return &Attachment{
		FileName: part.FileName(), ContentType: part.Header.Get("Content-Type"), Content: content,
		User: c.user.ID, At: c.server.now(),
	}, nil
}

// wireID writes an id as the API does for a kind.
func (s *Server) wireID(kind, id string) any {
	form := s.cfg.ids
	if form == IDsAsStrings || form == IDsAsObserved && kind == "hotlist" {
		return id
	}
	return json.Number(id)
}
