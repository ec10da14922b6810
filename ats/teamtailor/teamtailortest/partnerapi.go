package teamtailortest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// partnerAPIVersion is the only version of the Partner API. [documented: docs/vendors/teamtailor.md]
const partnerAPIVersion = "20180828"

// partnerAPI answers below /partner/v1. Callers hold s.mu.
func (s *Server) partnerAPI(p *Partner, r *http.Request, path []string, body []byte) reply {
	switch {
	case len(path) == 1 && path[0] == "partner-results":
		switch r.Method {
		case http.MethodGet:
			return s.listResults(p, r)
		case http.MethodPost:
			return s.createResult(p, r, body)
		}
		return methodNotAllowed(http.MethodGet, http.MethodPost)
	case len(path) == 2 && path[0] == "partner-results":
		return s.oneResult(p, r, path[1], body)
	case len(path) == 2 && path[0] == "partners":
		return s.onePartner(p, r, path[1], body)
	case len(path) == 1 && path[0] == "partner-activations":
		if r.Method != http.MethodGet {
			return methodNotAllowed(http.MethodGet)
		}
		return s.listActivations(p, r)
	case len(path) == 2 && path[0] == "partner-activations":
		if r.Method != http.MethodGet {
			return methodNotAllowed(http.MethodGet)
		}
		for _, a := range p.activations {
			if strconv.Itoa(a.ID) == path[1] && a.live() {
				return reply{status: http.StatusOK, body: map[string]any{"data": s.renderActivation(a)}}
			}
		}
		return notFound("partner-activation", path[1])
	}
	return refuse(http.StatusNotFound, codeNotFound, "Not found", "There is nothing at this path.")
}

// onlyPaging refuses query parameters other than those of paging: no filter is documented for the Partner API.
func onlyPaging(q url.Values) *reply {
	for name := range q {
		if name == "page[number]" || name == "page[size]" {
			continue
		}
		rep := notAllowed(name)
		if strings.HasPrefix(name, "filter[") {
			rep = filterNotAllowed(name)
		}
		return &rep
	}
	return nil
}

// pageOf answers a list request of the Partner API.
func (s *Server) pageOf(r *http.Request, total int, render func(i int) any) reply {
	q := r.URL.Query()
	if rep := onlyPaging(q); rep != nil {
		return *rep
	}
	pg, rep := readPage(q)
	if rep != nil {
		return *rep
	}
	data := []any{}
	from, to := pg.slice(total)
	for i := from; i < to; i++ {
		data = append(data, render(i))
	}
	return reply{status: http.StatusOK, body: pg.list(joinURL(s.publicURL(), r.URL.Path), q, total, data)}
}
