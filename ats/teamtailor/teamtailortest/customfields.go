package teamtailortest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// FieldType is the type of a custom field. [documented: docs/vendors/teamtailor.md]
type FieldType string

// The types of custom fields.
const (
	FieldText        FieldType = "text"
	FieldEmail       FieldType = "email"
	FieldURL         FieldType = "url"
	FieldPhone       FieldType = "phone"
	FieldDate        FieldType = "date"
	FieldCheckbox    FieldType = "checkbox"
	FieldNumber      FieldType = "number"
	FieldSelect      FieldType = "select"
	FieldMultiSelect FieldType = "multiselect"
)

// apiFieldTypes gives each type its name in the public API.
func apiFieldTypes() map[FieldType]string {
	return map[FieldType]string{
		FieldText: "CustomField::Text", FieldEmail: "CustomField::Email", FieldURL: "CustomField::Url",
		FieldPhone: "CustomField::Phone", FieldDate: "CustomField::Date", FieldCheckbox: "CustomField::Checkbox",
		FieldNumber: "CustomField::Number", FieldSelect: "CustomField::Select", FieldMultiSelect: "CustomField::MultiSelect",
	}
}

type fieldOwner string

const (
	ownerCandidate fieldOwner = "Candidate"
	ownerJob       fieldOwner = "Job"
)

// CustomFieldConfig describes a custom field that a company makes by hand.
type CustomFieldConfig struct {
	Name string
	// APIName is the key in payloads. Default: the sanitized name, so that "Interview date" becomes "interview-date" and
	// letters outside ASCII are dropped.
	APIName string
	Type    FieldType // default FieldText
	// ForJobs makes it a field of jobs instead of candidates.
	ForJobs bool
	// Options are the choices of select and multiselect fields.
	Options []string
	Private bool
}

// CustomField is a field of a company's candidates or jobs. Its fields do not change, except through the public API, which
// may rename it; the API name stays.
type CustomField struct {
	ID      int
	APIName string
	Type    FieldType

	company *Company
	owner   fieldOwner
	private bool
	created time.Time

	// The rest is guarded by server.mu.
	name    string
	updated time.Time
	options []fieldOption
}

type fieldOption struct {
	id    int
	value string
}

// fieldValue is a value of one record. Selects hold option ids in choices, all others the value itself: string, bool or
// json.Number.
type fieldValue struct {
	id      int
	value   any
	choices []int
	created time.Time
	updated time.Time
}

// AddCustomField makes a custom field. It panics if the API name is taken for that owner or the type is unknown.
func (c *Company) AddCustomField(cfg CustomFieldConfig) *CustomField {
	if cfg.Type == "" {
		cfg.Type = FieldText
	}
	if apiFieldTypes()[cfg.Type] == "" {
		panic("teamtailortest: unknown custom field type " + string(cfg.Type))
	}
	if cfg.APIName == "" {
		cfg.APIName = sanitize(cfg.Name)
	}
	owner := ownerCandidate
	if cfg.ForJobs {
		owner = ownerJob
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.field(owner, cfg.APIName) != nil {
		panic("teamtailortest: two custom fields cannot share the API name " + cfg.APIName)
	}
	return c.addField(owner, cfg)
}

// addField makes a field. Callers hold server.mu and have checked the configuration.
func (c *Company) addField(owner fieldOwner, cfg CustomFieldConfig) *CustomField {
	s := c.server
	f := &CustomField{
		ID: s.ids.next(idCustomField), APIName: cfg.APIName, Type: cfg.Type,
		company: c, owner: owner, private: cfg.Private, name: cfg.Name, created: s.now(), updated: s.now(),
	}
	for _, o := range cfg.Options {
		f.options = append(f.options, fieldOption{id: s.ids.next(idCustomOption), value: o})
	}
	c.fields = append(c.fields, f)
	return f
}

// CustomFields returns the API names of the company's custom fields of candidates, oldest first.
func (c *Company) CustomFields() []string {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	var names []string
	for _, f := range c.fields {
		if f.owner == ownerCandidate {
			names = append(names, f.APIName)
		}
	}
	return names
}

// field finds a field by API name. Callers hold server.mu.
func (c *Company) field(owner fieldOwner, apiName string) *CustomField {
	for _, f := range c.fields {
		if f.owner == owner && f.APIName == apiName {
			return f
		}
	}
	return nil
}

// setField changes one value of a record. Callers hold server.mu.
func (c *Company) setField(owner fieldOwner, values map[*CustomField]*fieldValue, apiName string, value any) error {
	f := c.field(owner, apiName)
	if f == nil {
		return fmt.Errorf("custom field %q: %w", apiName, ErrNotFound)
	}
	if value == nil || value == "" {
		delete(values, f)
		return nil
	}
	v, err := f.parse(value, func(o fieldOption) string { return o.value })
	if err != nil {
		return fmt.Errorf("custom field %q: %w", apiName, err)
	}
	c.storeValue(values, f, v)
	return nil
}

// storeValue keeps the id of a value that is replaced. Callers hold server.mu.
func (c *Company) storeValue(values map[*CustomField]*fieldValue, f *CustomField, v fieldValue) *fieldValue {
	s := c.server
	old := values[f]
	if old == nil {
		v.id, v.created = s.ids.next(idCustomValue), s.now()
	} else {
		v.id, v.created = old.id, old.created
	}
	v.updated = s.now()
	values[f] = &v
	return &v
}

// parse checks a value against the field's type. key says what names an option: its text within the product, its id in
// the public API. [documented: docs/vendors/teamtailor.md]
func (f *CustomField) parse(value any, key func(fieldOption) string) (fieldValue, error) {
	switch f.Type {
	case FieldCheckbox:
		if b, ok := value.(bool); ok {
			return fieldValue{value: b}, nil
		}
		return fieldValue{}, fmt.Errorf("must be true or false")
	case FieldNumber:
		n := json.Number(strings.TrimSpace(fmt.Sprint(value)))
		if _, err := n.Float64(); err != nil {
			return fieldValue{}, fmt.Errorf("must be a number")
		}
		return fieldValue{value: n}, nil
	case FieldSelect, FieldMultiSelect:
		return f.parseChoices(value, key)
	case FieldText, FieldEmail, FieldURL, FieldPhone, FieldDate:
	}
	text, ok := value.(string)
	if !ok {
		return fieldValue{}, fmt.Errorf("must be a string")
	}
	switch f.Type {
	case FieldDate:
		date, ok := parseDate(text)
		if !ok {
			return fieldValue{}, fmt.Errorf("must be a date such as 2026-12-01")
		}
		text = date
	case FieldEmail:
		if !looksLikeEmail(text) {
			return fieldValue{}, fmt.Errorf("must be an e-mail address")
		}
	case FieldURL:
		if !isWebURL(text) {
			return fieldValue{}, fmt.Errorf("must be an http or https URL")
		}
	default:
	}
	return fieldValue{value: text}, nil
}

// parseChoices turns named options into their ids.
func (f *CustomField) parseChoices(value any, key func(fieldOption) string) (fieldValue, error) {
	var wanted []string
	switch v := value.(type) {
	case []string:
		wanted = v
	case []any:
		for _, item := range v {
			wanted = append(wanted, fmt.Sprint(item))
		}
	default:
		wanted = []string{fmt.Sprint(v)}
	}
	if f.Type == FieldSelect && len(wanted) != 1 {
		return fieldValue{}, fmt.Errorf("takes exactly one option")
	}
	var choices []int
	for _, w := range wanted {
		i := slices.IndexFunc(f.options, func(o fieldOption) bool { return key(o) == w })
		if i < 0 {
			return fieldValue{}, fmt.Errorf("has no option %q", w)
		}
		choices = append(choices, f.options[i].id)
	}
	return fieldValue{choices: choices}, nil
}

// optionKey names an option by its id, as the public API does.
func optionKey(o fieldOption) string { return strconv.Itoa(o.id) }

// optionValue returns the text of an option, "" for an unknown one.
func (f *CustomField) optionValue(id int) string {
	for _, o := range f.options {
		if o.id == id {
			return o.value
		}
	}
	return ""
}

// parseDate accepts a date, or a timestamp with an offset whose date counts as written.
// [documented: docs/vendors/teamtailor.md]
func parseDate(text string) (string, bool) {
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return text, true
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.Format(time.DateOnly), true
	}
	return "", false
}

// sanitize makes an API name of a display name: lower case, hyphens for whatever separates words, everything outside ASCII
// dropped. [documented: docs/vendors/teamtailor.md]; that letters outside ASCII are dropped is [observed].
func sanitize(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsSpace(r), r == '-', r == '_', r == '/':
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
	}
	return strings.Trim(b.String(), "-")
}

// looksLikeEmail is as strict as a form that wants to catch slips of the finger, not as the standard.
func looksLikeEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(s, " \t\n,;")
}

// isWebURL reports whether s is an absolute http or https URL.
func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
