package sparkhiretest

import (
	"encoding/json"
	"time"
)

// shareLink is a basic link, of one interview, or an advanced one, which may name an interview.
type shareLink struct {
	id, url              string
	account              *account
	interview            *interview
	inactive, deleted    bool
	updatedBy            *user
	createdAt, updatedAt time.Time
}

// linkJSON is a share link as the API shows it; status is 1 for active, 0 for inactive.
// [observed: the fields and that there are two states; assumed: numbers; docs/vendors/sparkhire.md]
type linkJSON struct {
	UUID      string      `json:"uuid"`
	URL       string      `json:"url"`
	Status    int         `json:"status"`
	CreatedAt wireTime    `json:"created_at"`
	UpdatedAt wireTime    `json:"updated_at"`
	UpdatedBy *personJSON `json:"updated_by"`
}

func (l *shareLink) json() linkJSON {
	out := linkJSON{
		UUID: l.id, URL: l.url, Status: 1,
		CreatedAt: wireTime(l.createdAt), UpdatedAt: wireTime(l.updatedAt), UpdatedBy: l.updatedBy.person(),
	}
	if l.inactive {
		out.Status = 0
	}
	return out
}

func (s *Server) newLink(of *account, path string) *shareLink {
	now := s.moment()
	return &shareLink{
		id: s.cfg.ids.uuid(), url: "https://share.example.com/" + path + "/" + s.cfg.ids.secret(), account: of,
		createdAt: now, updatedAt: now,
	}
}

// basicLink returns the basic link of an interview and makes it when there is none.
// [assumed: one per interview; docs/vendors/sparkhire.md]
func (s *Server) basicLink(i *interview) *shareLink {
	if i.link == nil {
		i.link = s.newLink(i.job.account, "s")
		i.link.interview = i
		i.updatedAt = s.moment()
	}
	return i.link
}

// getBasicLink shows the link or answers 404; it makes none. [assumed: docs/vendors/sparkhire.md]
func (s *Server) getBasicLink(_ *call, i *interview) (any, *problem) {
	if i.link == nil {
		return nil, notFound("Share link")
	}
	return i.link.json(), nil
}

// createBasicLink takes no body. Evaluators may share too.
// [observed: no body; assumed: evaluators; docs/vendors/sparkhire.md]
func (s *Server) createBasicLink(_ *call, i *interview) (any, *problem) {
	if s.cfg.freshLinks {
		i.link = nil
	}
	return s.basicLink(i).json(), nil
}

// updateBasicLink changes the status. [assumed: docs/vendors/sparkhire.md]
func (s *Server) updateBasicLink(c *call, i *interview) (any, *problem) {
	if i.link == nil || i.link.id != c.args["link_uuid"] {
		return nil, notFound("Share link")
	}
	draft := *i.link
	if p := s.read(c, func(f *fields) {
		readStatus(f, &draft)
		f.require("status", f.has("status"))
	}); p != nil {
		return nil, p
	}
	draft.updatedBy, draft.updatedAt = c.user, s.moment()
	*i.link = draft
	return i.link.json(), nil
}

// readStatus reads the number that switches a link on and off.
func readStatus(f *fields, l *shareLink) {
	status := 1
	if l.inactive {
		status = 0
	}
	f.number("status", &status)
	if status > 1 {
		f.refuse("status must be 0 or 1.")
	}
	l.inactive = status == 0
}

// namedLink finds the advanced link in the path, if the user may see it: one of the account whose interview, if it names one, is
// visible. [assumed: docs/vendors/sparkhire.md]
func (s *Server) namedLink(c *call) (*shareLink, *problem) {
	l, ok := s.links.get(c.args["uuid"])
	if !ok || !l.visible(c.user) {
		return nil, notFound("Share link")
	}
	return l, nil
}

func (l *shareLink) visible(u *user) bool {
	if l.deleted || l.account != u.account {
		return false
	}
	return l.interview == nil || l.interview.state != Deleted && mayView(u, l.interview.job)
}

func (s *Server) listLinks(c *call) (any, *problem) {
	var all []*shareLink
	for _, l := range s.links.list {
		if l.visible(c.user) {
			all = append(all, l)
		}
	}
	return list(s, c, all, (*shareLink).json, orders[*shareLink]{
		"created": byTime(func(l *shareLink) time.Time { return l.createdAt }),
		"updated": byTime(func(l *shareLink) time.Time { return l.updatedAt }),
	})
}

func (s *Server) getLink(_ *call, l *shareLink) (any, *problem) { return l.json(), nil }

// createLink makes an advanced link and e-mails its reviewers. [assumed: docs/vendors/sparkhire.md]
func (s *Server) createLink(c *call) (any, *problem) {
	l := s.newLink(c.user.account, "a")
	reviewers, p := s.readLink(c, l)
	if p != nil {
		return nil, p
	}
	s.links.add(l.id, l)
	for _, address := range reviewers {
		s.sendMail(address, EmailShared, l.interview)
	}
	return l.json(), nil
}

func (s *Server) updateLink(c *call, l *shareLink) (any, *problem) {
	draft := *l
	if _, p := s.readLink(c, &draft); p != nil {
		return nil, p
	}
	draft.updatedBy, draft.updatedAt = c.user, s.moment()
	*l = draft
	return l.json(), nil
}

// readLink reads an advanced link's body into l and returns the reviewers' addresses. Most fields are only checked.
// [modeled: interview_uuid, expires_at, allow_ratings, password_protected; assumed: the rest, after the website;
// docs/vendors/sparkhire.md]
func (s *Server) readLink(c *call, l *shareLink) ([]string, *problem) {
	var (
		id, text   string
		flag       bool
		until      time.Time
		interviews []json.RawMessage
		reviewers  []struct {
			Email string `json:"email"`
		}
	)
	p := s.read(c, func(f *fields) {
		if f.text("interview_uuid", &id); f.has("interview_uuid") {
			i, ok := s.interviews.get(id)
			if !ok || i.state == Deleted || !mayView(c.user, i.job) {
				f.refuse("interview_uuid names no interview.")
			}
			l.interview = i
		}
		f.moment("expires_at", &until)
		f.raw("allow_ratings", "true or false", &flag)
		f.raw("password_protected", "true or false", &flag)
		f.text("title", &text)
		f.text("message", &text)
		f.raw("interviews", "an array", &interviews)
		f.raw("reviewers", "an array of objects with an email", &reviewers)
		readStatus(f, l)
		if len(f.values) == 0 {
			f.refuse("The body is empty.")
		}
	})
	var addresses []string
	for _, r := range reviewers {
		addresses = append(addresses, r.Email)
	}
	return addresses, p
}

func (s *Server) deleteLink(_ *call, l *shareLink) (any, *problem) {
	l.deleted = true
	return nil, nil
}
