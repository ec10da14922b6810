package topechelontest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// firstSeen is the search that shows a parsed résumé. [observed] It shows up later; [assumed] that it is the third time.
const firstSeen = 3

type searchRequest struct {
	Page      *int    `json:"page"`
	SortBy    string  `json:"sort_by"`
	SortOrder string  `json:"sort_order"`
	Search    *search `json:"person_search"`
}

type search struct {
	Keyword       string `json:"keyword"`
	EnteredSince  string `json:"minimum_date_entered"`
	ModifiedSince string `json:"minimum_date_modified"`
}

// searchPeople is POST /people/search. [observed: docs/vendors/topechelon.md]
func searchPeople(c *call) reply {
	if no := c.query(); no != nil {
		return *no
	}
	var req searchRequest
	if no := c.json(&req); no != nil {
		return *no
	}
	page := 1
	if req.Page != nil {
		page = *req.Page
	}
	switch {
	case req.Search == nil:
		return c.server.wrong(c.Request, http.StatusUnprocessableEntity, "member person_search: missing")
	case page < 1:
		return c.server.wrong(c.Request, http.StatusUnprocessableEntity, "member page: want 1 or more")
	case !slices.Contains([]string{"", "date_added", "date_modified"}, req.SortBy):
		return c.server.wrong(c.Request, http.StatusUnprocessableEntity, "member sort_by: want date_added or date_modified")
	case !slices.Contains([]string{"", "asc", "desc"}, req.SortOrder):
		return c.server.wrong(c.Request, http.StatusUnprocessableEntity, "member sort_order: want asc or desc")
	}
	found, ok := c.find(*req.Search)
	if !ok {
		return c.server.wrong(c.Request, http.StatusUnprocessableEntity, "member person_search: dates are YYYY-MM-DD")
	}
	slices.SortStableFunc(found, func(a, b *Person) int {
		order := a.added.Compare(b.added)
		if req.SortBy == "date_modified" {
			order = a.modified.Compare(b.modified)
		}
		if order = cmp.Or(order, strings.Compare(a.ID, b.ID)); req.SortOrder != "asc" {
			order = -order
		}
		return order
	})
	size := c.server.cfg.pageSize
	rows := make([]any, 0, size)
	for _, p := range found[min((page-1)*size, len(found)):min(page*size, len(found))] {
		rows = append(rows, c.server.wirePerson(p))
	}
	return reply{status: http.StatusOK, body: map[string]any{
		"pagination": map[string]any{
			"current_page": page, "total_pages": (len(found) + size - 1) / size, "total_count": len(found),
		},
		"entries": rows,
	}}
}

// find returns the visible people that a search is for, and counts it as a look for those who do not appear yet.
func (c *call) find(q search) ([]*Person, bool) {
	entered, ok := since(q.EnteredSince)
	modified, ok2 := since(q.ModifiedSince)
	if !ok || !ok2 {
		return nil, false
	}
	var found []*Person
	for _, p := range c.user.agency.people {
		if !c.user.sees("person", p.ID) || p.added.Before(entered) || p.modified.Before(modified) || !p.matches(q.Keyword) {
			continue
		}
		if p.looks > 0 {
			p.looks--
			continue
		}
		found = append(found, p)
	}
	return found, true
}

// since reads a date. [assumed] Days begin at midnight UTC.
func since(day string) (time.Time, bool) {
	if day == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.DateOnly, day)
	return t, err == nil
}

// matches looks for a keyword in name and addresses, in any case. [assumed] What the vendor searches is not known.
func (p *Person) matches(keyword string) bool {
	keyword = strings.ToLower(strings.TrimSpace(keyword))
	return strings.Contains(strings.ToLower(p.name()), keyword) ||
		slices.ContainsFunc(p.emails, func(e Email) bool { return strings.Contains(strings.ToLower(e.Address), keyword) })
}

func (s *Server) wirePerson(p *Person) map[string]any {
	addresses := make([]any, len(p.emails))
	for i, e := range p.emails {
		address := map[string]any{"email": e.Address}
		if !s.cfg.bareEmails {
			address["primary"], address["do_not_email"] = e.Primary, e.DoNotEmail
		}
		addresses[i] = address
	}
	return map[string]any{"id": s.wireID("person", p.ID), "name": p.name(), "email_addresses": addresses}
}

// getPerson is GET /people/{id}. [assumed] See [WithUnverified].
func getPerson(c *call) reply {
	p, no := c.person(c.id)
	if no != nil {
		return *no
	}
	person := c.server.wirePerson(p)
	person["first_name"], person["last_name"] = p.FirstName, p.LastName
	return reply{status: http.StatusOK, body: map[string]any{"person": person}}
}

// parseResume is POST /people/parse. [observed] The record appears later. [assumed] Its first line is the name, and
// what has an @ is an address.
func parseResume(c *call) reply {
	file, no := c.upload()
	if no != nil {
		return *no
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(string(file.Content)), "\n")
	var cfg PersonConfig
	cfg.FirstName, cfg.LastName, _ = strings.Cut(strings.TrimSpace(name), " ")
	for word := range strings.FieldsSeq(rest) {
		if strings.Contains(word, "@") {
			cfg.Emails = append(cfg.Emails, Email{Address: word, Primary: len(cfg.Emails) == 0})
		}
	}
	c.user.agency.addPerson(cfg, firstSeen-1)
	return reply{status: http.StatusCreated}
}

// attach is POST /people/{id}/attachments. [observed] [assumed] Nothing is deduplicated.
func attach(c *call) reply {
	if no := c.query(); no != nil {
		return *no
	}
	p, no := c.person(c.id)
	if no != nil {
		return *no
	}
	file, no := c.upload()
	if no != nil {
		return *no
	}
	file.ID = c.server.nextID("attachment")
	p.attachments = append(p.attachments, *file)
	p.modified = c.server.now()
	return reply{status: http.StatusCreated}
}

// getJob is GET /jobs/{id}. [observed] that it exists, [assumed] its members.
func getJob(c *call) reply {
	if no := c.query(); no != nil {
		return *no
	}
	j := c.user.agency.job(c.id)
	if j == nil || !c.user.sees("job", c.id) {
		return c.hidden(j != nil)
	}
	return reply{status: http.StatusOK, body: map[string]any{"job": map[string]any{
		"id": c.server.wireID("job", j.ID), c.server.cfg.title: j.Title, "city": j.City,
		"state": map[string]any{"abbreviation": j.State},
	}}}
}
