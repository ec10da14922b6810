package teamtailortest

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const mediaType = "application/vnd.api+json"

// reply is an answer of either API.
type reply struct {
	status int
	header http.Header
	body   any // nil for an empty body
}

// apiError is one member of "errors". [observed: docs/vendors/teamtailor.md] for the shape of errors 400, 406, 422 and 500 of the
// public API; that the Partner API shares it, and the codes other than 100 and 102, are [assumed]: they are those of the
// server library behind both.
type apiError struct {
	Title  string       `json:"title"`
	Detail string       `json:"detail"`
	Code   string       `json:"code,omitempty"`
	Source *errorSource `json:"source,omitempty"`
	Status any          `json:"status"`
}

type errorSource struct {
	Pointer string `json:"pointer"`
}

// Codes of the server library.
const (
	codeValidation       = "100"
	codeInvalidResource  = "101"
	codeFilterNotAllowed = "102"
	codeInvalidField     = "104"
	codeParamNotAllowed  = "105"
	codeParamMissing     = "106"
	codeBadFilterValue   = "107"
	codeKeyOrder         = "109"
	codeKeyNotInURL      = "110"
	codeInvalidInclude   = "112"
	codeInvalidSort      = "114"
	codePageValue        = "118"
	codeDataFormat       = "122"
	codeForbidden        = "403"
	codeNotFound         = "404"
	codeNotAcceptable    = "406"
	codeMediaType        = "415"
)

// refuse answers with one error.
func refuse(status int, code, title, detail string) reply {
	return refuseAll(status, apiError{Title: title, Detail: detail, Code: code})
}

// refuseAll answers with several. [observed: docs/vendors/teamtailor.md] The status member is a number in recorded 400, 406
// and 500 errors, and a string in 422; the others follow the library's string [assumed].
func refuseAll(status int, errs ...apiError) reply {
	for i := range errs {
		errs[i].Status = strconv.Itoa(status)
		switch status {
		case http.StatusBadRequest, http.StatusNotAcceptable, http.StatusInternalServerError:
			errs[i].Status = status
		}
	}
	return reply{status: status, body: map[string]any{"errors": errs}}
}

// validationError is a broken rule of one attribute.
func validationError(attribute, message string) apiError {
	return apiError{
		Title: message, Detail: attribute + " - " + message, Code: codeValidation,
		Source: &errorSource{Pointer: "/data/attributes/" + attribute},
	}
}

// relationshipError is a broken rule of one relationship.
func relationshipError(name, message string) apiError {
	e := validationError(name, message)
	e.Source.Pointer = "/data/relationships/" + name
	return e
}

// notAllowed refuses an attribute, relationship or parameter that a call does not list. This is the error to expect for one
// attribute too many.
func notAllowed(name string) reply {
	return refuse(http.StatusBadRequest, codeParamNotAllowed, "Param not allowed", name+" is not allowed.")
}

// missing refuses a document that lacks a member.
func missing(name string) reply {
	return refuse(http.StatusBadRequest, codeParamMissing, "Missing Parameter", "The required parameter, "+name+", is missing.")
}

// notFound names what was looked for by type and id.
func notFound(what, id string) reply {
	return refuse(http.StatusNotFound, codeNotFound, "Record not found",
		"The "+what+" identified by "+id+" could not be found.")
}

// methodNotAllowed lists what would have been allowed.
func methodNotAllowed(allowed ...string) reply {
	r := refuse(http.StatusMethodNotAllowed, "405", "Method not allowed", "Allowed: "+strings.Join(allowed, ", "))
	r.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
	return r
}

// document is the body of a write.
type document struct {
	attributes    map[string]any
	raw           json.RawMessage // the attributes as sent
	relationships map[string]reference
}

type reference struct{ typ, id string }

// readDocument checks a JSON:API document for one resource. id is "" for a create. numericID tolerates a number, as the
// documentation's samples of partners have. [documented: docs/vendors/teamtailor.md] for that; the order and codes of the
// checks are [assumed].
func readDocument(r *http.Request, body []byte, typ, id string, numericID bool) (document, *reply) {
	var doc document
	fail := func(rep reply) (document, *reply) { return doc, &rep }
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != mediaType {
		return fail(refuse(http.StatusUnsupportedMediaType, codeMediaType, "Unsupported media type",
			"All requests that create or update must use the '"+mediaType+"' Content-Type."))
	}
	top, ok := members(body)
	if !ok {
		return fail(refuse(http.StatusBadRequest, codeDataFormat, "Invalid data format", "The body must be a JSON object."))
	}
	if absentJSON(top["data"]) {
		return fail(missing("data"))
	}
	data, ok := members(top["data"])
	if !ok {
		return fail(refuse(http.StatusBadRequest, codeDataFormat, "Invalid data format", "data must be an object."))
	}
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if !slices.Contains([]string{"id", "type", "attributes", "relationships", "links", "meta"}, name) {
			return fail(notAllowed(name))
		}
	}
	if absentJSON(data["type"]) {
		return fail(missing("type"))
	}
	if value(data["type"]) != typ {
		return fail(refuse(http.StatusBadRequest, codeInvalidResource, "Invalid resource",
			fmt.Sprintf("%v is not a valid resource.", value(data["type"]))))
	}
	if rep := checkID(value(data["id"]), id, numericID); rep != nil {
		return doc, rep
	}
	doc.raw = data["attributes"]
	if !absentJSON(doc.raw) {
		if doc.attributes, ok = value(doc.raw).(map[string]any); !ok {
			return fail(refuse(http.StatusBadRequest, codeDataFormat, "Invalid data format", "attributes must be an object."))
		}
	}
	rep := doc.readRelationships(data["relationships"])
	return doc, rep
}

// checkID compares data.id with the id in the path. A create must not have one.
func checkID(got any, want string, numeric bool) *reply {
	var rep reply
	n, isNumber := got.(json.Number)
	if isNumber && numeric {
		got = n.String()
	}
	switch {
	case want == "" && got == nil, want != "" && got == want:
		return nil
	case want == "":
		rep = notAllowed("id")
	case got == nil:
		rep = refuse(http.StatusBadRequest, codeKeyOrder, "A key is required", "The resource object does not contain a key.")
	default:
		rep = refuse(http.StatusBadRequest, codeKeyNotInURL, "Key is not included in URL",
			"The URL does not support the key in the body.")
	}
	return &rep
}

// readRelationships reads to-one relationships, the only ones that any call takes.
func (d *document) readRelationships(raw json.RawMessage) *reply {
	d.relationships = map[string]reference{}
	if absentJSON(raw) {
		return nil
	}
	var all map[string]struct {
		Data *struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		rep := refuse(http.StatusBadRequest, codeDataFormat, "Invalid data format",
			"relationships must be objects with data of a string id and a type.")
		return &rep
	}
	for name, rel := range all {
		if rel.Data == nil {
			rep := missing(name + ".data")
			return &rep
		}
		d.relationships[name] = reference{typ: rel.Data.Type, id: rel.Data.ID}
	}
	return nil
}

// allow refuses attributes and relationships that a call does not list. [assumed: docs/vendors/teamtailor.md]
func (d *document) allow(attributes, relationships []string) *reply {
	names := slices.Sorted(maps.Keys(d.attributes))
	for _, name := range names {
		if !slices.Contains(attributes, name) {
			rep := notAllowed(name)
			return &rep
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.relationships)) {
		if !slices.Contains(relationships, name) {
			rep := notAllowed(name)
			return &rep
		}
	}
	return nil
}

// acceptable checks the Accept header. [assumed: docs/vendors/teamtailor.md] It is the rule of the server library.
func acceptable(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		media, _, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err == nil && slices.Contains([]string{mediaType, "*/*", "application/*"}, media) {
			return true
		}
	}
	return false
}

// Paging by number. [documented: docs/vendors/teamtailor.md] for the public API; for the Partner API only the parameters and
// the default size are.
const (
	defaultPageSize = 10
	maxPageSize     = 30
)

type page struct{ number, size int }

// readPage reads page[number] and page[size].
func readPage(q url.Values) (page, *reply) {
	p := page{number: 1, size: defaultPageSize}
	for name, into := range map[string]*int{"page[number]": &p.number, "page[size]": &p.size} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 || name == "page[size]" && n > maxPageSize {
			rep := refuse(http.StatusBadRequest, codePageValue, "Invalid page value",
				q.Get(name)+" is not a valid value for "+name+" page parameter.")
			return p, &rep
		}
		*into = n
	}
	return p, nil
}

// slice returns which of total records are on the page.
func (p page) slice(total int) (from, to int) {
	from = min((p.number-1)*p.size, total)
	return from, min(from+p.size, total)
}

// list renders a page: records, meta and links, whose other parameters are those of the request.
func (p page) list(base string, q url.Values, total int, data any) map[string]any {
	pages := (total + p.size - 1) / p.size
	at := func(n int) string {
		next := maps.Clone(q)
		next.Set("page[number]", strconv.Itoa(n))
		next.Set("page[size]", strconv.Itoa(p.size))
		return base + "?" + next.Encode()
	}
	links := map[string]string{"first": at(1), "last": at(max(pages, 1))}
	if p.number < pages {
		links["next"] = at(p.number + 1)
	}
	if p.number > 1 {
		links["prev"] = at(p.number - 1)
	}
	return map[string]any{
		"data":  data,
		"meta":  map[string]int{"record-count": total, "page-count": pages},
		"links": links,
	}
}
