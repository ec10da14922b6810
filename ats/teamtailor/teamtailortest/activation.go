package teamtailortest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// Values are what an admin types into an activation form, by field id.
type Values map[string]string

// LogValue keeps the values, which are mostly keys, out of logs.
func (v Values) LogValue() slog.Value { return slog.IntValue(len(v)) }

// Activation is one company's use of an integration, from opening its settings page to deactivation.
type Activation struct {
	// ID is the number in the partner-activations resource.
	ID      int
	Partner *Partner
	Company *Company

	server *Server

	// The rest is guarded by server.mu.
	form        formSpec
	uuid        string
	typed       Values
	typedKey    string // the provider key of the typed values
	saved       Values
	savedKey    string // the provider key in force
	token       string // the company API token picked during installation
	mapTo       map[string]string
	installed   bool
	deactivated bool
}

// mappedField says under which name a partner gets a company's custom field.
type mappedField struct {
	apiName string
	field   *CustomField
}

// Activate does what an admin does before "Finish installation": opens the settings page, for which a dynamic activation form
// is fetched from the integration; types values; and presses "Validate credentials", if the form has a validate endpoint.
//
// A form that cannot be rendered, or values that do not fit it, give a [*FormError] and no activation; so does [ErrActive]. A
// refusal by the validate endpoint gives the activation and a [*ValidationError]: the admin may [Activation.Retype], and
// nothing is known to stop them from finishing all the same. [assumed: docs/vendors/teamtailor.md]
func (p *Partner) Activate(ctx context.Context, c *Company, values Values) (*Activation, error) {
	form, err := p.activationForm(ctx, c)
	if err != nil {
		return nil, err
	}
	a := p.newActivation(c)
	a.form = form
	if err := a.fill(values); err != nil {
		return nil, err
	}
	if err := p.add(a); err != nil {
		return nil, err
	}
	err = a.Validate(ctx)
	return a, err
}

// newActivation makes an activation with its UUID, which [Activation.ProviderKey] is only when the form is empty.
func (p *Partner) newActivation(c *Company) *Activation {
	s := p.server
	return &Activation{
		ID: s.ids.next(idActivation), Partner: p, Company: c, server: s, uuid: s.ids.uuid(), mapTo: map[string]string{},
	}
}

// add registers an activation, of which a company has one at a time.
func (p *Partner) add(a *Activation) error {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if p.activationOf(a.Company) != nil {
		return fmt.Errorf("activate partner %d: %w", p.ID, ErrActive)
	}
	p.activations = append(p.activations, a)
	return nil
}

// Install is [Partner.Activate] and [Activation.FinishInstallation] in one.
func (p *Partner) Install(ctx context.Context, c *Company, values Values) (*Activation, error) {
	a, err := p.Activate(ctx, c, values)
	if err != nil {
		return a, err
	}
	err = a.FinishInstallation()
	return a, err
}

// InstallOld installs the integration as it was before activation forms existed: key is sent as it is until an admin saves
// the settings page. [documented: docs/vendors/teamtailor.md]
func (p *Partner) InstallOld(c *Company, key string) (*Activation, error) {
	a := p.newActivation(c)
	a.typedKey, a.savedKey, a.installed = key, key, true
	if err := p.add(a); err != nil {
		return nil, err
	}
	return a, nil
}

// activationOf returns the company's live activation, nil without one. Callers hold server.mu.
func (p *Partner) activationOf(c *Company) *Activation {
	for _, a := range p.activations {
		if a.Company == c && !a.deactivated {
			return a
		}
	}
	return nil
}

// activationForm returns the pasted form, or fetches GET /activation?company_id=. That call has no Authorization: before the
// first installation there is nothing to authorize with. [documented: docs/vendors/teamtailor.md] for the call, [assumed] for
// the missing header.
func (p *Partner) activationForm(ctx context.Context, c *Company) (formSpec, error) {
	s := p.server
	s.mu.Lock()
	dynamic, raw := p.fetchesForm(), p.activation
	var token string
	if p.companyToken {
		token, _ = c.installToken()
	}
	s.mu.Unlock()
	status := 0
	if dynamic {
		endpoint, err := p.endpoint("activation")
		if err != nil {
			return formSpec{}, err
		}
		d, answer := s.send(ctx, outgoing{
			kind: CallActivation, partner: p, method: http.MethodGet, apiToken: token,
			url: endpoint + "?" + url.Values{"company_id": {c.UUID}}.Encode(),
		})
		if d.Err != nil {
			return formSpec{}, d.Err
		}
		if err := answer.renderable(); err != nil {
			return formSpec{}, err
		}
		status, raw = d.Status, answer.body
	} else if absentJSON(raw) {
		return formSpec{}, nil // the vendor's default window
	}
	form, bad := s.parseForm(raw, activationForm)
	if len(bad) > 0 {
		return formSpec{}, &FormError{Status: status, Problems: bad}
	}
	return form, nil
}

// fill types values into the form and makes the provider key that goes with them.
func (a *Activation) fill(values Values) error {
	s := a.server
	s.mu.Lock()
	defer s.mu.Unlock()
	var bad problems
	filled := Values{}
	for _, f := range a.form.fields {
		v, given := values[f.ID]
		switch {
		case f.Type == "error":
			bad.add("%s", f.Message)
		case !f.isInput():
		case f.ID == "default_key":
			// [documented: docs/vendors/teamtailor.md] A field of this id shows the generated UUID.
			filled[f.ID] = a.uuid
		case f.Required && v == "":
			bad.add("%q is required", f.ID)
		case f.takesOptions() && v != "" && !f.hasOption(v):
			bad.add("%q has no option %q", f.ID, v)
		case given || !f.takesOptions():
			filled[f.ID] = v
		}
	}
	for _, id := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(a.form.fields, func(f Field) bool { return f.ID == id }) {
			bad.add("the form has no field %q", id)
		}
	}
	if len(bad) > 0 {
		return &FormError{Problems: bad}
	}
	a.typed = filled
	a.typedKey = a.providerKey()
	return nil
}

// providerKey packs the typed values into a JWT; an activation without a form has its UUID. Callers hold server.mu.
// [documented: docs/vendors/teamtailor.md]; that the values are claims at the top level is [assumed].
func (a *Activation) providerKey() string {
	if len(a.form.fields) == 0 {
		return a.uuid
	}
	claims := map[string]any{}
	for id, v := range a.typed {
		claims[id] = v
	}
	if under := a.server.cfg.claimsUnder; under != "" {
		claims = map[string]any{under: claims}
	}
	return ProviderKey(a.Partner.apiKey, claims)
}

// Validate presses "Validate credentials": it calls the validate endpoint with a provider key of the values as typed, saved
// or not. [documented: docs/vendors/teamtailor.md] for the call, [assumed] for the key. It does nothing without such an
// endpoint and returns a [*ValidationError] unless the answer is 200.
func (a *Activation) Validate(ctx context.Context, opts ...SendOption) error {
	a.server.mu.Lock()
	path, key := a.form.validate, a.typedKey
	a.server.mu.Unlock()
	if path == "" {
		return nil
	}
	endpoint, err := a.Partner.endpoint(path)
	if err != nil {
		return err
	}
	d, answer := a.server.send(ctx, outgoing{
		kind: CallValidate, partner: a.Partner, method: http.MethodGet, url: endpoint, bearer: key, opts: collect(opts),
	})
	if d.Err != nil {
		return d.Err
	}
	if d.Status == http.StatusOK {
		return nil
	}
	refusal := &ValidationError{Status: d.Status}
	var body struct {
		Errors []string `json:"errors"`
	}
	if json.Unmarshal(answer.body, &body) == nil {
		refusal.Messages = body.Errors
	}
	return refusal
}

// Retype types other values into the settings page as it is open and presses "Validate credentials" again; nothing is saved
// until [Activation.FinishInstallation]. Errors are those of [Partner.Activate].
func (a *Activation) Retype(ctx context.Context, values Values) error {
	if err := a.fill(values); err != nil {
		return err
	}
	return a.Validate(ctx)
}

// MapField chooses, before the installation is finished, an existing candidate field for one of the integration's declared
// custom fields. Fields that are not chosen for are created. [documented: docs/vendors/teamtailor.md]
func (a *Activation) MapField(apiName, existing string) error {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	declared := slices.ContainsFunc(a.form.mappings, func(m fieldMapping) bool { return m.apiName == apiName })
	if !declared || a.Company.field(ownerCandidate, existing) == nil {
		return fmt.Errorf("map custom field %q to %q: %w", apiName, existing, ErrNotFound)
	}
	a.mapTo[apiName] = existing
	return nil
}

// FinishInstallation presses "Finish installation": the values are saved, the provider key is made, declared custom fields
// are mapped, and from now on triggers are offered. It returns [ErrNoCompanyToken] if the partner needs one. Repeating it
// saves again.
func (a *Activation) FinishInstallation() error {
	s := a.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.deactivated {
		return fmt.Errorf("finish installation: %w", ErrNotInstalled)
	}
	if a.Partner.companyToken {
		token, ok := a.Company.installToken()
		if !ok {
			return fmt.Errorf("finish installation: %w", ErrNoCompanyToken)
		}
		a.token = token
	}
	a.saved, a.savedKey, a.installed = a.typed, a.typedKey, true
	a.mapFields()
	return nil
}

// mapFields settles where declared custom fields come from: as chosen, else as in an earlier activation, else a field of
// that API name, else a new one. Callers hold server.mu. [documented: docs/vendors/teamtailor.md] Created once,
// re-activation does not duplicate. [assumed] A field of the same API name made by hand is taken instead of a second one.
func (a *Activation) mapFields() {
	known := a.Partner.mappings[a.Company]
	for _, m := range a.form.mappings {
		i := slices.IndexFunc(known, func(k mappedField) bool { return k.apiName == m.apiName })
		field := a.Company.field(ownerCandidate, a.mapTo[m.apiName])
		switch {
		case field == nil && i >= 0:
			continue
		case field == nil:
			field = a.Company.field(ownerCandidate, m.apiName)
		}
		if field == nil {
			field = a.Company.addField(ownerCandidate, CustomFieldConfig{
				Name: m.name, APIName: m.apiName, Type: m.kind, Options: m.options,
			})
		}
		if i >= 0 {
			known[i].field = field
		} else {
			known = append(known, mappedField{m.apiName, field})
		}
	}
	a.Partner.mappings[a.Company] = known
}

// Save opens the settings page of an installed integration again and saves other values. The form is fetched anew if it is
// dynamic, and the provider key is made anew: the old one is not sent any more. [documented: docs/vendors/teamtailor.md]
// Saving validates nothing.
func (a *Activation) Save(ctx context.Context, values Values) error {
	form, err := a.Partner.activationForm(ctx, a.Company)
	if err != nil {
		return err
	}
	a.server.mu.Lock()
	installed := a.live()
	if installed {
		a.form = form
	}
	a.server.mu.Unlock()
	if !installed {
		return fmt.Errorf("save settings: %w", ErrNotInstalled)
	}
	if err := a.fill(values); err != nil {
		return err
	}
	return a.FinishInstallation()
}

// Deactivate presses "Deactivate partner": the activation leaves the partner-activations list and no trigger fires any more.
// The integration is not told. [documented: docs/vendors/teamtailor.md] for the button, [assumed] for the rest: partner
// results stay and can still be updated. Repeating it does nothing.
func (a *Activation) Deactivate() {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.deactivated = true
}

// Installed reports whether triggers are offered and fire.
func (a *Activation) Installed() bool {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.live()
}

// live is Installed for callers that hold server.mu.
func (a *Activation) live() bool { return a.installed && !a.deactivated }

// ProviderKey returns the bearer token in force, "" before the installation is finished.
func (a *Activation) ProviderKey() string {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.savedKey
}

// LogValue keeps the provider key and the form values out of logs.
func (a *Activation) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("id", a.ID), slog.Int("partner", a.Partner.ID), slog.String("company", a.Company.UUID))
}
