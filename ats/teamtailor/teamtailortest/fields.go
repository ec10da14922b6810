package teamtailortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Field is one field of a form as an integration declared it. [documented: docs/vendors/teamtailor.md]
type Field struct {
	ID          string
	Type        string
	Label       string
	Placeholder string
	Description string
	Required    bool
	Disabled    bool
	Refetch     bool          // a change of the value asks the integration again
	Options     []FieldOption // of select, multiselect and radio; groups are flattened
	Value       any           // preset; nil without one. Numbers are json.Number
	Min, Max    string        // of number and range
	Content     string        // of infobox
	Icon        string        // of infobox
	Message     string        // of error
}

// FieldOption is a choice. The vendor sends its id back as a string even if it was a number. [documented]
type FieldOption struct{ ID, Label string }

// Criterion is something an integration can score, for users to map to the skills of a job.
type Criterion struct{ ID, Label string }

// formSpec is an activation form or a trigger form, read strictly.
type formSpec struct {
	fields   []Field
	criteria []Criterion
	mappings []fieldMapping
	validate string
}

// fieldMapping declares a custom field that the integration wants under a name of its own.
type fieldMapping struct {
	name    string
	kind    FieldType
	apiName string
	options []string
}

type formKind int

const (
	activationForm formKind = iota
	triggerForm
)

// inputTypes are the documented types that have a value. There is neither textarea nor time among them.
func inputTypes() []string {
	return []string{
		"checkbox", "color", "date", "datetime", "datetime-local", "email", "file", "hidden", "month", "number", "password",
		"radio", "range", "search", "select", "multiselect", "tel", "text", "url", "week",
	}
}

// isKebab reports whether an id is words of lower-case letters and digits with one of the separators between them.
func isKebab(id, separators string) bool {
	last := true // as if a separator came before
	for _, r := range id {
		separator := strings.ContainsRune(separators, r)
		if separator && last || !separator && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
		last = separator
	}
	return !last
}

// problems collects everything that is wrong with a form, so that an author sees all of it at once.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// parseForm reads the JSON of a form. What the documentation does not list is refused, because the vendor would ignore it
// without a word. [assumed: docs/vendors/teamtailor.md] for the refusal, [documented] for the list.
func (s *Server) parseForm(body []byte, kind formKind) (formSpec, problems) {
	var form formSpec
	var bad problems
	top, ok := members(body)
	if !ok {
		bad.add("the answer is not a JSON object")
		return form, bad
	}
	bad.unknown("the answer", top, "config", "validateEndpoint")
	config, ok := members(top["config"])
	if !ok {
		bad.add(`"config" is missing or not an object`)
		return form, bad
	}
	if kind == activationForm {
		bad.unknown("config", config, "fields", "customFieldMapping", "validateEndpoint")
		form.validate = bad.endpoint(top["validateEndpoint"], config["validateEndpoint"])
		form.mappings = bad.mappings(config["customFieldMapping"])
	} else {
		bad.unknown("config", config, "fields", "assessment-criteria")
		form.criteria = bad.criteria(config["assessment-criteria"])
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(config["fields"], &raw); err != nil || absentJSON(config["fields"]) {
		bad.add(`"config.fields" is missing or not an array`)
		return form, bad
	}
	for i, r := range raw {
		form.fields = append(form.fields, s.parseField(&bad, i, r, kind))
	}
	seen := map[string]bool{}
	for _, f := range form.fields {
		if f.ID != "" && seen[f.ID] {
			bad.add("two fields have the id %q", f.ID)
		}
		seen[f.ID] = true
	}
	return form, bad
}

// parseField reads one field object and appends what is wrong with it.
func (s *Server) parseField(bad *problems, index int, raw json.RawMessage, kind formKind) Field {
	m, ok := members(raw)
	if !ok {
		bad.add("field %d is not an object", index)
		return Field{}
	}
	where := fmt.Sprintf("field %d", index)
	f := Field{ID: bad.text(where, m, "id"), Type: bad.text(where, m, "type")}
	if f.ID != "" {
		where = fmt.Sprintf("field %q", f.ID)
	}
	bad.unknown(where, m, "id", "type", "label", "placeholder", "required", "description", "options", "optgroups",
		"disabled", "step", "min", "max", "refetch", "value", "content", "icon", "message")
	f.Label, f.Placeholder = bad.text(where, m, "label"), bad.text(where, m, "placeholder")
	f.Description, f.Content = bad.text(where, m, "description"), bad.text(where, m, "content")
	f.Icon, f.Message = bad.text(where, m, "icon"), bad.text(where, m, "message")
	f.Required, f.Disabled = bad.flag(where, m, "required"), bad.flag(where, m, "disabled")
	f.Refetch = bad.flag(where, m, "refetch")
	f.Min, f.Max = bad.scalar(where, m, "min"), bad.scalar(where, m, "max")
	f.Value = value(m["value"])
	f.Options = bad.options(where, m)

	switch {
	case f.Type == "infobox":
		if f.Content == "" {
			bad.add("%s: an infobox needs content", where)
		}
		if f.Icon != "" && !slices.Contains([]string{"info", "error", "warning", "success", "default"}, f.Icon) {
			bad.add("%s: unknown icon %q", where, f.Icon)
		}
	case f.Type == "error":
		if f.Message == "" {
			bad.add("%s: an error needs a message", where)
		}
	case f.Type == "reset":
	case f.Type == "":
		bad.add("%s has no type", where)
	case !slices.Contains(inputTypes(), f.Type) && !slices.Contains(s.cfg.fieldTypes, f.Type):
		bad.add("%s: unknown type %q", where, f.Type)
	case f.ID == "":
		bad.add("%s (%s) has no id", where, f.Type)
	case kind == triggerForm && !isKebab(f.ID, "-") && (!s.cfg.rewriteKeys || !isKebab(f.ID, "-_")):
		bad.add("%s: the id is not kebab-case and would come back under another name", where)
	case f.takesOptions() && absentJSON(m["options"]) && absentJSON(m["optgroups"]):
		bad.add("%s (%s) has no options", where, f.Type)
	}
	return f
}

// takesOptions reports whether the value must be one of the options. Radio fields take them like selects. [assumed]
func (f *Field) takesOptions() bool {
	return f.Type == "select" || f.Type == "multiselect" || f.Type == "radio"
}

// isInput reports whether the field has a value.
func (f *Field) isInput() bool { return f.Type != "infobox" && f.Type != "error" && f.Type != "reset" }

// unknown complains about members that are not known, in the order of their names.
func (p *problems) unknown(where string, m map[string]json.RawMessage, known ...string) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(known, name) {
			p.add("%s: unknown member %q", where, name)
		}
	}
}

// text reads a string; a missing one is "".
func (p *problems) text(where string, m map[string]json.RawMessage, name string) string {
	var s string
	if raw := m[name]; !absentJSON(raw) && json.Unmarshal(raw, &s) != nil {
		p.add("%s: %q is not a string", where, name)
	}
	return s
}

// flag accepts a boolean or the string of one: the documentation's error sample has "required": "true". [documented]
func (p *problems) flag(where string, m map[string]json.RawMessage, name string) bool {
	switch strings.Trim(string(bytes.TrimSpace(m[name])), `"`) {
	case "true":
		return true
	case "false", "null", "":
		return false
	}
	p.add("%s: %q is not a boolean", where, name)
	return false
}

// scalar accepts a string or a number.
func (p *problems) scalar(where string, m map[string]json.RawMessage, name string) string {
	switch v := value(m[name]).(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	p.add("%s: %q is neither string nor number", where, name)
	return ""
}

// options reads options and optgroups. Ids are strings or numbers. [documented: docs/vendors/teamtailor.md]
func (p *problems) options(where string, m map[string]json.RawMessage) []FieldOption {
	type group struct {
		Label   string           `json:"label"`
		Options []map[string]any `json:"options"`
	}
	groups := []group{{}}
	if raw := m["options"]; !absentJSON(raw) && decode(raw, &groups[0].Options) != nil {
		p.add("%s: options is not an array of objects", where)
	}
	if raw := m["optgroups"]; !absentJSON(raw) {
		var more []group
		if decode(raw, &more) != nil {
			p.add("%s: optgroups is not an array of {label, options}", where)
		}
		groups = append(groups, more...)
	}
	var options []FieldOption
	for _, g := range groups {
		for _, o := range g.Options {
			label, labeled := o["label"].(string)
			id, number := o["id"].(json.Number)
			text, isText := o["id"].(string)
			if !labeled || !isText && !number || len(o) != 2 {
				p.add("%s: an option needs exactly an id and a label", where)
				continue
			}
			if number {
				text = id.String()
			}
			if slices.ContainsFunc(options, func(x FieldOption) bool { return x.ID == text }) {
				p.add("%s: two options have the id %q", where, text)
			}
			options = append(options, FieldOption{ID: text, Label: label})
		}
	}
	return options
}

// endpoint reads validateEndpoint from either of the two places that the documentation shows.
func (p *problems) endpoint(places ...json.RawMessage) string {
	var found string
	for _, raw := range places {
		var s string
		if !absentJSON(raw) && json.Unmarshal(raw, &s) != nil {
			p.add("validateEndpoint is not a string")
		}
		if found != "" && s != "" && s != found {
			p.add("validateEndpoint differs between its two places")
		}
		if s != "" {
			found = s
		}
	}
	return found
}

// mappings reads customFieldMapping. Entries of unknown type, and selects without options, are skipped.
// [documented: docs/vendors/teamtailor.md]
func (p *problems) mappings(raw json.RawMessage) []fieldMapping {
	if absentJSON(raw) {
		return nil
	}
	var entries []struct {
		Name    string   `json:"name"`
		Type    string   `json:"type"`
		APIName string   `json:"apiName"`
		Options []string `json:"options"`
	}
	if err := decode(raw, &entries); err != nil {
		p.add("customFieldMapping is not an array of {name, type, apiName, options}")
		return nil
	}
	var mappings []fieldMapping
	for i, e := range entries {
		kind := FieldType(e.Type)
		choice := kind == FieldSelect || kind == FieldMultiSelect
		switch {
		case e.Name == "" || e.Type == "" || e.APIName == "":
			p.add("customFieldMapping %d: name, type and apiName are required", i)
		case apiFieldTypes()[kind] == "" || kind == FieldEmail || choice && len(e.Options) == 0:
		default:
			mappings = append(mappings, fieldMapping{e.Name, kind, sanitize(e.APIName), e.Options})
		}
	}
	return mappings
}

// criteria reads assessment-criteria: ids and labels that users map to the skills of a job.
func (p *problems) criteria(raw json.RawMessage) []Criterion {
	if absentJSON(raw) {
		return nil
	}
	var criteria []Criterion
	if err := decode(raw, &criteria); err != nil {
		p.add("assessment-criteria is not an array of {id, label}")
	}
	return criteria
}

// members splits a JSON object.
func members(raw []byte) (map[string]json.RawMessage, bool) {
	if absentJSON(raw) {
		return nil, false
	}
	var m map[string]json.RawMessage
	err := json.Unmarshal(raw, &m)
	return m, err == nil
}

// value decodes any JSON, keeping numbers as they were written; nil if there is none.
func value(raw json.RawMessage) any {
	var v any
	if absentJSON(raw) || decode(raw, &v) != nil {
		return nil
	}
	return v
}

// decode is json.Unmarshal without losing the digits of numbers.
func decode(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if dec.More() {
		return fmt.Errorf("data after the first value")
	}
	return nil
}
