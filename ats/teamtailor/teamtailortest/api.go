package teamtailortest

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxRequest is how much of a request's body is read. [assumed: docs/vendors/teamtailor.md]
const maxRequest = 1 << 20

// serve answers both APIs: it logs the request, lets an injected fault have its way, and routes what is left.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	entry := &Request{At: s.now(), Method: r.Method, Path: r.URL.Path, Query: redactQuery(r.URL.Query())}
	var rep reply
	handle := func() {
		if err != nil {
			rep = refuse(http.StatusRequestEntityTooLarge, "413", "Request too large", "The body could not be read.")
			return
		}
		rep = s.route(r, body, entry)
		entry.Effect = true
	}
	in := s.injected(r)
	defer s.log(entry, in)
	if in == nil {
		handle()
	} else if !in.apply(w, r, entry, handle) {
		return
	}
	entry.Status = rep.status
	rep.write(w)
}

// write sends the answer. A nil body is no body at all, as with 401 and 204.
func (r reply) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	if r.body == nil {
		w.WriteHeader(r.status)
		return
	}
	w.Header().Set("Content-Type", mediaType+"; charset=utf-8")
	w.WriteHeader(r.status)
	_, _ = w.Write(compactJSON(r.body))
}

// route finds out whose request it is and hands it to the API it is for. [assumed: docs/vendors/teamtailor.md] for the order
// of the checks: key, rate, version, then the request itself.
func (s *Server) route(r *http.Request, body []byte, entry *Request) reply {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(path) >= 3 && path[0] == "partner" && path[1] == "v1":
		p := s.partnerFor(r)
		if p == nil {
			return unauthorized()
		}
		entry.Partner = p.ID
		return s.metered("partner "+p.apiKey, r, partnerAPIVersion, func() reply { return s.partnerAPI(p, r, path[2:], body) })
	case len(path) >= 2 && path[0] == "v1":
		c, token := s.companyFor(r)
		if c == nil {
			return unauthorized()
		}
		entry.Company = c.UUID
		return s.metered("company "+token.value, r, s.cfg.apiVersion, func() reply {
			return s.publicAPI(c, token, r, path[1:], body)
		})
	}
	return refuse(http.StatusNotFound, codeNotFound, "Not found", "There is nothing at this path.")
}

// unauthorized has no body. [observed: docs/vendors/teamtailor.md] for the public API; a key of another stack looks the same.
func unauthorized() reply { return reply{status: http.StatusUnauthorized} }

// partnerFor finds the partner whose key the request carries, after one of the accepted words. Callers hold s.mu.
// [documented, contradictory: docs/vendors/teamtailor.md]
func (s *Server) partnerFor(r *http.Request) *Partner {
	word, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !slices.Contains(s.cfg.schemes, word) {
		return nil
	}
	i := slices.IndexFunc(s.partners, func(p *Partner) bool { return p.apiKey == key })
	if i < 0 {
		return nil
	}
	return s.partners[i]
}

// companyFor finds the company whose token the request carries as `Token token=…`. Callers hold s.mu.
// [documented: docs/vendors/teamtailor.md]
func (s *Server) companyFor(r *http.Request) (*Company, apiToken) {
	value, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Token token=")
	if !ok {
		return nil, apiToken{}
	}
	value = strings.Trim(value, `"`)
	for _, c := range s.companies {
		if t, ok := c.token(value); ok {
			return c, t
		}
	}
	return nil, apiToken{}
}

// metered answers within the rate limit and to the right version only. Callers hold s.mu. [documented:
// docs/vendors/teamtailor.md] for the header names of the limit, which the Partner API is [assumed] to share, for the
// required version and its echo; [observed] for 406 naming the current version.
func (s *Server) metered(key string, r *http.Request, version string, next func() reply) reply {
	header, ok := s.spend(key)
	if !ok {
		rep := refuse(http.StatusTooManyRequests, "429", "Rate limit exceeded", "Too many requests, try again later.")
		rep.header = header
		return rep
	}
	var rep reply
	switch {
	case r.Header.Get("X-Api-Version") != version:
		rep = refuse(http.StatusNotAcceptable, "", "Invalid/Missing API Version",
			"Please provide a valid version in the X-Api-Version header. Current version is: "+version)
	case !acceptable(r):
		rep = refuse(http.StatusNotAcceptable, codeNotAcceptable, "Not acceptable",
			"All requests must use the '"+mediaType+"' Accept without media type parameters.")
	default:
		rep = next()
		header.Set("X-Api-Version", version)
	}
	maps.Copy(header, rep.header)
	rep.header = header
	return rep
}

// spend charges one request to a key and returns the limit's headers, and false if nothing was left. Refused requests are
// not charged. Callers hold s.mu. [observed: docs/vendors/teamtailor.md] for the figures.
func (s *Server) spend(key string) (http.Header, bool) {
	now := s.now()
	spent := s.spent[key]
	if s.cfg.sliding {
		spent = slices.DeleteFunc(spent, func(t time.Time) bool { return now.Sub(t) >= s.cfg.window })
	} else if len(spent) > 0 && now.Sub(spent[0]) >= s.cfg.window {
		spent = nil
	}
	ok := len(spent) < s.cfg.limit
	if ok {
		spent = append(spent, now)
	}
	s.spent[key] = spent
	reset := s.cfg.window - now.Sub(spent[0])
	h := http.Header{}
	h.Set("X-Rate-Limit-Limit", strconv.Itoa(s.cfg.limit))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(s.cfg.limit-len(spent)))
	h.Set("X-Rate-Limit-Reset", strconv.Itoa(int((reset+time.Second-1)/time.Second)))
	return h, ok
}
