package paycortest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// call is one admitted API call.
type call struct {
	*Server
	w http.ResponseWriter
	r *http.Request
	q url.Values // without subscription-key
	g *grant
}

// gateway checks what stands in front of everything: the subscription key, in a header or in the
// address [documented: docs/vendors/paycor.md], and the rate.
func (s *Server) gateway(w http.ResponseWriter, r *http.Request, entry *Request) (*Application, bool) {
	key := r.Header.Get("Ocp-Apim-Subscription-Key")
	if key == "" {
		key = r.URL.Query().Get("subscription-key")
	}
	a := s.application(func(c *ApplicationConfig) bool { return c.SubscriptionKey == key })
	if a == nil {
		// The text is documented, the shape around it is the gateway's usual one [assumed].
		writeJSON(w, http.StatusUnauthorized, map[string]any{
			"statusCode": http.StatusUnauthorized, "message": "Access denied due to missing subscription key.",
		})
		return nil, false
	}
	entry.Application = a.cfg.ClientID
	wait, ok := s.spend(key)
	if !ok {
		if s.quirks.RetryAfter {
			w.Header().Set("Retry-After", strconv.Itoa(wait))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(rateLimitBody(wait)))
		return nil, false
	}
	return a, true
}

// rateLimitBody is PaycorRateLimitError [documented].
func rateLimitBody(seconds int) string {
	return fmt.Sprintf(`{"message":"Rate limit is exceeded. Try again in %d seconds."}`, seconds)
}

// admit checks both headers. A bad token is answered with 401 and no body [documented].
func (s *Server) admit(w http.ResponseWriter, r *http.Request, entry *Request) (*call, bool) {
	if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, atsRoot) && strings.HasSuffix(r.URL.Path, "/ats/candidates") {
		s.creates++
	}
	a, ok := s.gateway(w, r, entry)
	if !ok {
		return nil, false
	}
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t := s.access[token]
	if !bearer || t == nil || t.grant.revoked || t.grant.application != a || !s.now().Before(t.expires) {
		w.WriteHeader(http.StatusUnauthorized)
		return nil, false
	}
	c := &call{Server: s, w: w, r: r, q: r.URL.Query(), g: t.grant}
	c.q.Del("subscription-key")
	return c, true
}

// tenants lists what the administrator picked [documented].
func (c *call) tenants() {
	if !c.known() {
		return
	}
	type entity struct {
		LegalEntityID int32 `json:"legalEntityId"`
		TenantID      int32 `json:"tenantId"`
	}
	list := []entity{}
	for _, e := range c.g.entities {
		list = append(list, entity{e.cfg.ID, e.cfg.TenantID})
	}
	c.ok(http.StatusOK, map[string]any{"userLegalEntities": list})
}

// recruiting serves what is under /v1/legalEntities/: exactly the calls E1 to E6.
func (c *call) recruiting(parts []string) {
	if len(parts) < 3 || parts[1] != "ats" || slices.Contains(parts, "") {
		c.fail(http.StatusNotFound, "Not Found", "There is no such route.", nil)
		return
	}
	switch last := parts[len(parts)-1]; {
	case len(parts) == 3 && last == "accounts":
		if e := c.entity(parts[0], http.MethodGet, ViewAccounts); e != nil && c.known(paramToken) {
			c.accounts(e)
		}
	case len(parts) == 3 && last == "candidates":
		if e := c.entity(parts[0], http.MethodPost, CreateCandidate); e != nil && c.known() {
			c.create(e)
		}
	case len(parts) == 4 && last == "jobs":
		if e := c.entity(parts[0], http.MethodGet, ViewJobs); e != nil && c.known("include", "postedToCareers", "status", paramToken) {
			c.jobs(e, parts[2])
		}
	case len(parts) == 5 && parts[3] == "jobs":
		if e := c.entity(parts[0], http.MethodGet, ViewJob); e != nil && c.known("include") {
			c.job(e, parts[2], last)
		}
	case len(parts) == 6 && parts[3] == "jobs" && last == "candidates":
		if e := c.entity(parts[0], http.MethodGet, ViewCandidates); e != nil && c.known(paramStart, paramEnd, paramToken) {
			c.candidates(e, parts[2], parts[4])
		}
	case len(parts) == 7 && parts[3] == "jobs" && parts[5] == "candidates":
		if e := c.entity(parts[0], http.MethodGet, ViewCandidate); e != nil && c.known() {
			c.candidate(e, parts[2], parts[4], last)
		}
	default:
		c.fail(http.StatusNotFound, "Not Found", "There is no such route.", nil)
	}
}

// entity checks the method, the toggle and the legal entity, in this order [assumed]. An entity that
// was not picked at activation, or has no recruiting product, is answered with 404 [assumed].
func (c *call) entity(id, method string, toggle Toggle) *LegalEntity {
	if !c.allow(method) {
		return nil
	}
	if !c.g.application.may(toggle) {
		c.fail(http.StatusForbidden, "Forbidden", "The scope of the access token does not allow this.", nil)
		return nil
	}
	n, err := strconv.ParseInt(id, 10, 32)
	if err != nil {
		c.fail(http.StatusBadRequest, "Validation Error", "One field is not valid.", map[string]string{"legalEntityId": "not a number"})
		return nil
	}
	for _, e := range c.g.entities {
		if int64(e.cfg.ID) == n && !e.cfg.WithoutRecruiting {
			return e
		}
	}
	c.missing("legal entity")
	return nil
}

// allow refuses other methods [assumed].
func (c *call) allow(method string) bool {
	if c.r.Method == method {
		return true
	}
	c.w.Header().Set("Allow", method)
	c.fail(http.StatusMethodNotAllowed, "Method Not Allowed", "Use "+method+".", nil)
	return false
}

// known refuses parameters that the description does not list. Whether the vendor does is not known; a
// simulator that ignored them would hide mistakes [assumed].
func (c *call) known(names ...string) bool {
	for name, values := range c.q {
		listed := slices.Contains(names, name)
		if name == paramTokenID {
			listed = c.quirks.AddressesOnly && slices.Contains(names, paramToken)
		}
		if !listed || len(values) != 1 && name != "include" {
			c.fail(http.StatusBadRequest, "Validation Error", "A query parameter is not valid.", map[string]string{name: "not expected"})
			return false
		}
	}
	return true
}

func (c *call) missing(what string) {
	c.fail(http.StatusNotFound, "Not Found", "The "+what+" does not exist or is not in a valid state.", nil)
}

// fail answers with a PaycorError [documented].
func (c *call) fail(status int, title, detail string, source map[string]string) {
	c.ok(status, map[string]any{
		"correlationId": c.ids.guid(), "title": title, "detail": detail, "source": source,
	})
}

// ok answers with JSON, in the spelling that the quirks ask for.
func (c *call) ok(status int, body any) {
	if c.quirks.PascalCase {
		body = pascal(body)
	}
	writeJSON(c.w, status, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "encode answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// pascal respells the names of a document, but not those under source, which are a map's.
func pascal(body any) any {
	text, err := json.Marshal(body)
	if err != nil {
		return body
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return body
	}
	return respell(v)
}

func respell(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = respell(v[i])
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			if name != "source" {
				value = respell(value)
			}
			if name == "atsAccountId" { // as the description of 2024 spells it [documented]
				name = "aTSAccountId"
			}
			out[strings.ToUpper(name[:1])+name[1:]] = value
		}
		return out
	}
	return v
}
