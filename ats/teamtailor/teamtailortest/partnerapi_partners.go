package teamtailortest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// onePartner reads or updates the integration's own registration. [documented: docs/vendors/teamtailor.md] The name cannot
// change, and data.id is a number in the samples. A configuration that would not render is stored as it is: the vendor
// is not documented to check it. [assumed]
func (s *Server) onePartner(p *Partner, r *http.Request, id string, body []byte) reply {
	if id != strconv.Itoa(p.ID) {
		return notFound("partner", id)
	}
	switch r.Method {
	case http.MethodGet:
	case http.MethodPut:
		doc, rep := readDocument(r, body, "partners", id, true)
		if rep == nil {
			rep = doc.allow([]string{"base-url", "webhook-config", "webhook-activation-config", "dynamic-activation-config"}, nil)
		}
		if rep == nil {
			rep = p.update(doc)
		}
		if rep != nil {
			return *rep
		}
	default:
		return methodNotAllowed(http.MethodGet, http.MethodPut)
	}
	return reply{status: http.StatusOK, body: map[string]any{"data": map[string]any{
		"id": id, "type": "partners", "links": map[string]string{"self": joinURL(s.publicURL(), "partner/v1/partners/"+id)},
		"attributes": map[string]any{
			"name": p.Name, "base-url": p.baseURL, "webhook-config": orNull(p.trigger),
			"webhook-activation-config": orNull(p.activation), "dynamic-activation-config": p.dynamic,
		},
	}}}
}

// update changes the registration, all or nothing. Callers hold server.mu.
func (p *Partner) update(doc document) *reply {
	var errs []apiError
	raw, _ := members(doc.raw) // checked by readDocument
	baseURL, isText := doc.attributes["base-url"].(string)
	if v, sent := doc.attributes["base-url"]; sent && (!isText || !isWebURL(baseURL)) && v != nil {
		errs = append(errs, validationError("base-url", "is not a valid URL"))
	}
	dynamic, isBool := doc.attributes["dynamic-activation-config"].(bool)
	if _, sent := doc.attributes["dynamic-activation-config"]; sent && !isBool {
		errs = append(errs, validationError("dynamic-activation-config", "must be true or false"))
	}
	for _, name := range []string{"webhook-config", "webhook-activation-config"} {
		if v := doc.attributes[name]; v != nil {
			if _, ok := v.(map[string]any); !ok {
				errs = append(errs, validationError(name, "is not an object"))
			}
		}
	}
	if len(errs) > 0 {
		rep := refuseAll(http.StatusUnprocessableEntity, errs...)
		return &rep
	}
	if isText {
		p.baseURL = baseURL
	}
	if isBool {
		p.dynamic = dynamic
	}
	if v, sent := raw["webhook-config"]; sent {
		p.trigger = slices.Clone(v)
	}
	if v, sent := raw["webhook-activation-config"]; sent {
		p.activation = slices.Clone(v)
	}
	return nil
}

// orNull is how a configuration that was never set reads.
func orNull(raw json.RawMessage) json.RawMessage {
	if absentJSON(raw) {
		return json.RawMessage("null")
	}
	return raw
}

// listActivations lists finished installations that are not deactivated. [documented: docs/vendors/teamtailor.md] for the
// resource, [assumed] for which activations are in it.
func (s *Server) listActivations(p *Partner, r *http.Request) reply {
	var live []*Activation
	for _, a := range p.activations {
		if a.live() {
			live = append(live, a)
		}
	}
	return s.pageOf(r, len(live), func(i int) any { return s.renderActivation(live[i]) })
}

// renderActivation encrypts the provider key anew each time, as JWE must.
func (s *Server) renderActivation(a *Activation) map[string]any {
	plaintext := []byte(a.savedKey)
	if s.cfg.plaintext == PlaintextForm && a.saved != nil && len(a.form.fields) > 0 {
		plaintext = compactJSON(a.saved)
	}
	id := strconv.Itoa(a.ID)
	return map[string]any{
		"id": id, "type": "partner-activations",
		"links": map[string]string{"self": joinURL(s.publicURL(), "partner/v1/partner-activations/"+id)},
		"attributes": map[string]any{
			"provider-key": encrypt(a.Partner.secret, s.cfg.encryption, s.ids.bytes(12), plaintext),
			"company-name": a.Company.Name, "company-uuid": a.Company.UUID,
		},
	}
}
