package teamtailortest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The public API is served from records that are made anew from the company's state for every request, by one engine that
// knows nothing about candidates or jobs. publicapi_records.go says what there is, publicapi_writes.go what can be written.

// resource is a type of the public API. [documented: docs/vendors/teamtailor.md] for what each can do.
type resource struct {
	// admin resources need a token of scope Admin.
	admin bool
	// relations gives each relationship its type; "" for one that can be of several.
	relations map[string]string
	// filters are those that the documentation lists.
	filters map[string]filter
	// defaults are filters of the list that hold when the request does not set them.
	defaults map[string]string
	list     func(c *Company) []*record
	create   func(c *Company, doc document) (string, *reply)
	update   func(c *Company, id string, doc document) *reply
	destroy  func(c *Company, id string)
}

// record is one resource object.
type record struct {
	typ, id    string
	attributes map[string]any
	links      map[string]string
	relations  map[string]relation
	facts      map[string]string // what filters look at beyond attributes
}

type relation struct {
	many bool
	refs []reference
}

// resource returns what is known about a type, and false for a type that is not served.
func (s *Server) resource(typ string) (resource, bool) {
	r, ok := s.v1[typ]
	return r, ok
}

// find returns a record, nil if there is none.
func (s *Server) find(c *Company, ref reference) *record {
	res, ok := s.resource(ref.typ)
	if !ok {
		return nil
	}
	for _, rec := range res.list(c) {
		if rec.id == ref.id {
			return rec
		}
	}
	return nil
}

// publicAPI answers below /v1. Callers hold s.mu.
func (s *Server) publicAPI(c *Company, token apiToken, r *http.Request, path []string, body []byte) reply {
	res, ok := s.resource(path[0])
	if !ok || len(path) > 4 || len(path) == 4 && path[2] != "relationships" {
		return refuse(http.StatusNotFound, codeNotFound, "Not found", "There is nothing at this path.")
	}
	write := r.Method != http.MethodGet
	if res.admin && token.scope != ScopeAdmin || token.access == ReadOnly && write || token.access == WriteOnly && !write {
		// [assumed: docs/vendors/teamtailor.md] The scopes are documented, the answer to a missing one is not.
		return refuse(http.StatusForbidden, codeForbidden, "Forbidden", "The API key may not do this.")
	}
	if len(path) == 1 {
		switch {
		case !write:
			return s.showList(c, r, path[0], res.list(c), res.defaults)
		case r.Method == http.MethodPost && res.create != nil:
			return s.create(c, r, path[0], body)
		}
		return methodNotAllowed(res.methods(false)...)
	}
	rec := s.find(c, reference{path[0], path[1]})
	switch {
	case rec == nil:
		return notFound(path[0], path[1])
	case len(path) > 2 && write:
		return methodNotAllowed(http.MethodGet)
	case len(path) > 2:
		return s.showRelated(c, r, rec, path[2:])
	case !write:
		return s.showOne(c, r, rec)
	case r.Method == http.MethodPatch && res.update != nil:
		return s.update(c, r, rec, body)
	case r.Method == http.MethodDelete && res.destroy != nil:
		res.destroy(c, rec.id)
		return reply{status: http.StatusNoContent}
	}
	return methodNotAllowed(res.methods(true)...)
}

// methods lists what a collection, or one record, can do.
func (r resource) methods(one bool) []string {
	methods := []string{http.MethodGet}
	if !one && r.create != nil {
		methods = append(methods, http.MethodPost)
	}
	if one && r.update != nil {
		methods = append(methods, http.MethodPatch)
	}
	if one && r.destroy != nil {
		methods = append(methods, http.MethodDelete)
	}
	return methods
}

// create makes a record and answers with it.
func (s *Server) create(c *Company, r *http.Request, typ string, body []byte) reply {
	doc, rep := readDocument(r, body, typ, "", false)
	if rep != nil {
		return *rep
	}
	id, rep := s.v1[typ].create(c, doc)
	if rep != nil {
		return *rep
	}
	created := s.showOne(c, r, s.find(c, reference{typ, id}))
	if created.status == http.StatusOK {
		created.status = http.StatusCreated
	}
	return created
}

// update changes a record and answers with all of it.
func (s *Server) update(c *Company, r *http.Request, rec *record, body []byte) reply {
	doc, rep := readDocument(r, body, rec.typ, rec.id, false)
	if rep == nil {
		rep = s.v1[rec.typ].update(c, rec.id, doc)
	}
	if rep != nil {
		return *rep
	}
	return s.showOne(c, r, s.find(c, reference{rec.typ, rec.id}))
}

// showOne answers with one record. include and fields work here; filters, order and pages do not.
func (s *Server) showOne(c *Company, r *http.Request, rec *record) reply {
	v, rep := s.readView(r.URL.Query(), rec.typ, false)
	if rep != nil {
		return *rep
	}
	data, included := s.render(c, []*record{rec}, v)
	body := map[string]any{"data": data[0]}
	if included != nil {
		body["included"] = included
	}
	return reply{status: http.StatusOK, body: body}
}

// showList answers with a page of the records that pass the filters. defaults are filters that hold unless the request sets
// them itself.
func (s *Server) showList(c *Company, r *http.Request, typ string, all []*record, defaults map[string]string) reply {
	q := r.URL.Query()
	v, rep := s.readView(q, typ, true)
	if rep != nil {
		return *rep
	}
	for name, value := range defaults {
		if _, set := v.filters[name]; !set {
			v.filters[name] = value
		}
	}
	for name, value := range v.filters {
		keep := s.v1[typ].filters[name]
		var bad bool
		all = slices.DeleteFunc(all, func(rec *record) bool {
			match, valid := keep(rec, value)
			bad = bad || !valid
			return !match
		})
		if bad {
			return refuse(http.StatusBadRequest, codeBadFilterValue, "Invalid filter value",
				"The value of filter "+name+" is not valid.")
		}
	}
	v.order(all)
	from, to := v.page.slice(len(all))
	data, included := s.render(c, all[from:to], v)
	body := v.page.list(joinURL(s.publicURL(), r.URL.Path), q, len(all), data)
	if included != nil {
		body["included"] = included
	}
	return reply{status: http.StatusOK, body: body}
}

// showRelated follows a relationship: /{type}/{id}/{name} to the records, /{type}/{id}/relationships/{name} to their ids.
func (s *Server) showRelated(c *Company, r *http.Request, rec *record, path []string) reply {
	name := path[len(path)-1]
	rel, ok := rec.relations[name]
	if !ok {
		return refuse(http.StatusNotFound, codeNotFound, "Not found", name+" is not a relationship of "+rec.typ+".")
	}
	if len(path) == 2 {
		return reply{status: http.StatusOK, body: map[string]any{"data": rel.linkage()}}
	}
	if !rel.many {
		if len(rel.refs) == 0 {
			return reply{status: http.StatusOK, body: map[string]any{"data": nil}}
		}
		return s.showOne(c, r, s.find(c, rel.refs[0]))
	}
	var records []*record
	for _, ref := range rel.refs {
		records = append(records, s.find(c, ref))
	}
	return s.showList(c, r, s.v1[rec.typ].relations[name], records, nil)
}

// linkage is the data member of a relationship.
func (r relation) linkage() any {
	ids := []map[string]string{}
	for _, ref := range r.refs {
		ids = append(ids, map[string]string{"type": ref.typ, "id": ref.id})
	}
	switch {
	case r.many:
		return ids
	case len(ids) == 0:
		return nil
	}
	return ids[0]
}

// render turns records into resource objects, and collects what the request wants included. [observed:
// docs/vendors/teamtailor.md] A relationship has data only if it is included.
func (s *Server) render(c *Company, records []*record, v view) (data, included []any) {
	type node struct {
		rec   *record
		shown map[string]bool // relationships with data
	}
	nodes := map[reference]*node{}
	var order []reference
	var visit func(rec *record, tree includes)
	visit = func(rec *record, tree includes) {
		ref := reference{rec.typ, rec.id}
		if nodes[ref] == nil {
			nodes[ref] = &node{rec: rec, shown: map[string]bool{}}
			order = append(order, ref)
		}
		for name, deeper := range tree {
			nodes[ref].shown[name] = true
			for _, to := range rec.relations[name].refs {
				if next := s.find(c, to); next != nil {
					visit(next, deeper)
				}
			}
		}
	}
	for _, rec := range records {
		visit(rec, v.include)
	}
	data = []any{}
	primary := map[reference]bool{}
	for _, rec := range records {
		ref := reference{rec.typ, rec.id}
		primary[ref] = true
		data = append(data, s.object(rec, nodes[ref].shown, v.fields[rec.typ]))
	}
	if v.include == nil {
		return data, nil
	}
	included = []any{}
	for _, ref := range order {
		if n := nodes[ref]; !primary[ref] {
			included = append(included, s.object(n.rec, n.shown, v.fields[ref.typ]))
		}
	}
	return data, included
}

// object renders one record. fields are the wanted names, nil for all.
func (s *Server) object(rec *record, shown map[string]bool, fields []string) map[string]any {
	self := joinURL(s.publicURL(), "v1/"+rec.typ+"/"+rec.id)
	links := map[string]string{"self": self}
	maps.Copy(links, rec.links)
	attributes, relationships := map[string]any{}, map[string]any{}
	for name, v := range rec.attributes {
		if fields == nil || slices.Contains(fields, name) {
			attributes[name] = v
		}
	}
	for name, rel := range rec.relations {
		if fields != nil && !slices.Contains(fields, name) {
			continue
		}
		object := map[string]any{"links": map[string]string{
			"self": self + "/relationships/" + url.PathEscape(name), "related": self + "/" + url.PathEscape(name),
		}}
		if shown[name] {
			object["data"] = rel.linkage()
		}
		relationships[name] = object
	}
	return map[string]any{
		"id": rec.id, "type": rec.typ, "links": links, "attributes": attributes, "relationships": relationships,
	}
}

// splitList splits a comma-separated parameter.
func splitList(v string) []string {
	if v == "" {
		return nil
	}
	return strings.Split(v, ",")
}
