package topechelontest

import (
	"net/http"
	"slices"
	"strconv"
)

// Hotlist is a named list of people, as a test reads it.
type Hotlist struct {
	ID      string
	Name    string
	Shared  bool
	Owner   string   // the user who made it, by id
	Records []string // ids of people, in the order in which they were added
	Adds    int      // how often a record was added, repetitions included
}

type hotlist struct {
	Hotlist
	owner *User
}

// Hotlists returns the agency's hotlists, oldest first.
func (a *Agency) Hotlists() []Hotlist {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	lists := make([]Hotlist, len(a.hotlists))
	for i, h := range a.hotlists {
		lists[i] = h.Hotlist
		lists[i].Records = slices.Clone(h.Records)
	}
	return lists
}

// AddHotlist makes a hotlist as if the owner had made it by hand.
func (a *Agency) AddHotlist(owner *User, name string, shared bool) Hotlist {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.addHotlist(owner, name, shared).Hotlist
}

func (a *Agency) addHotlist(owner *User, name string, shared bool) *hotlist {
	h := &hotlist{Hotlist: Hotlist{ID: a.server.nextID("hotlist"), Name: name, Shared: shared, Owner: owner.ID}, owner: owner}
	a.hotlists = append(a.hotlists, h)
	return h
}

// visible says whether the user may see a list. [assumed] One's own and those shared with the agency.
func (h *hotlist) visible(u *User) bool { return h.owner == u || h.Shared }

// hotlist finds the list of the path, or the answer without one.
func (c *call) hotlist() (*hotlist, *reply) {
	for _, h := range c.user.agency.hotlists {
		if h.ID == c.id {
			if h.visible(c.user) {
				return h, nil
			}
			no := c.hidden(true)
			return nil, &no
		}
	}
	no := c.hidden(false)
	return nil, &no
}

// kind demands record_type=person, the only one that has been seen in use. [observed]
func (c *call) kind() *reply {
	if c.URL.Query().Get("record_type") == "person" {
		return nil
	}
	no := c.server.wrong(c.Request, http.StatusUnprocessableEntity, "parameter record_type: want person")
	return &no
}

// listHotlists is GET /hotlists. [observed] [assumed] A name must be equal, and count is that of all pages.
func listHotlists(c *call) reply {
	if no := c.query("record_type", "name", "page", "scope"); no != nil {
		return *no
	}
	if no := c.kind(); no != nil {
		return *no
	}
	q := c.URL.Query()
	page := 1
	if q.Has("page") {
		n, err := strconv.Atoi(q.Get("page"))
		if err != nil || n < 1 {
			return c.server.wrong(c.Request, http.StatusUnprocessableEntity, "parameter page: want 1 or more")
		}
		page = n
	}
	if q.Has("scope") && q.Get("scope") != "my" {
		return c.server.wrong(c.Request, http.StatusUnprocessableEntity, "parameter scope: want my")
	}
	var found []*hotlist
	for _, h := range c.user.agency.hotlists {
		mine := q.Get("scope") != "my" || h.owner == c.user
		named := !q.Has("name") || h.Name == q.Get("name")
		if h.visible(c.user) && mine && named {
			found = append(found, h)
		}
	}
	size := c.server.cfg.pageSize
	rows := make([]any, 0, size)
	for _, h := range found[min((page-1)*size, len(found)):min(page*size, len(found))] {
		rows = append(rows, map[string]any{"id": c.server.wireID("hotlist", h.ID)})
	}
	return reply{status: http.StatusOK, body: map[string]any{
		"metadata": map[string]any{"resultset": map[string]any{"count": len(found)}},
		"results":  rows,
	}}
}

// createHotlist is POST /hotlists. [observed] [assumed] Names may repeat.
func createHotlist(c *call) reply {
	if no := c.query("record_type"); no != nil {
		return *no
	}
	if no := c.kind(); no != nil {
		return *no
	}
	var req struct {
		Hotlist *struct {
			Name   string `json:"name"`
			Shared bool   `json:"share_with_agency"`
		} `json:"hotlist"`
	}
	if no := c.json(&req); no != nil {
		return *no
	}
	if req.Hotlist == nil || req.Hotlist.Name == "" {
		return c.server.wrong(c.Request, http.StatusUnprocessableEntity, "member hotlist.name: missing")
	}
	h := c.user.agency.addHotlist(c.user, req.Hotlist.Name, req.Hotlist.Shared)
	return reply{status: c.server.cfg.created, body: map[string]any{"hotlist": map[string]any{"id": c.server.wireID("hotlist", h.ID)}}}
}

// addRecord is POST /hotlists/{id}/add_record. [observed] [assumed] Adding again changes nothing.
func addRecord(c *call) reply {
	if no := c.query("record_id"); no != nil {
		return *no
	}
	if len(c.body) > 0 {
		return c.server.wrong(c.Request, http.StatusBadRequest, "want no body")
	}
	h, no := c.hotlist()
	if no != nil {
		return *no
	}
	p, no := c.person(c.URL.Query().Get("record_id"))
	if no != nil {
		return *no
	}
	h.Adds++
	if !slices.Contains(h.Records, p.ID) {
		h.Records = append(h.Records, p.ID)
	}
	return reply{status: http.StatusOK, body: map[string]any{}}
}

// allRecords is GET /hotlists/{id}/all_records. [observed] [assumed] All in one piece, and only those the user may see.
func allRecords(c *call) reply {
	if no := c.query(); no != nil {
		return *no
	}
	h, no := c.hotlist()
	if no != nil {
		return *no
	}
	rows := []any{}
	for _, id := range h.Records {
		if c.user.sees("person", id) {
			rows = append(rows, map[string]any{"id": c.server.wireID("person", id)})
		}
	}
	return reply{status: http.StatusOK, body: map[string]any{"entries": rows}}
}
