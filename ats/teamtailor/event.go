package teamtailor

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The types below are the trigger webhook as it arrives
// [documented: docs/vendors/teamtailor.md]. They are lenient where the
// documentation is silent or contradicts itself: ids are strings or numbers, null
// counts as absent, unknown members are ignored.

// triggerCall is the body of a trigger webhook and of an action call.
type triggerCall struct {
	Event   partnerEvent `json:"partner-event"`
	Company company      `json:"company"`
}

type partnerEvent struct {
	ID        text      `json:"id"`
	Data      formData  `json:"webhook-data"`
	Result    resultRef `json:"partner-result"`
	Candidate applicant `json:"candidate"`
	Company   company   `json:"company"`
}

type resultRef struct {
	ID        text `json:"id"`
	UpdateURL text `json:"update-url"`
}

type applicant struct {
	ID           text         `json:"id"`
	FirstName    text         `json:"first-name"`
	LastName     text         `json:"last-name"`
	Email        text         `json:"email"`
	Job          appliedJob   `json:"job"`
	CustomFields customFields `json:"custom-fields"`
}

type appliedJob struct {
	ID        text `json:"id"`
	Title     text `json:"title"`
	TriggerID text `json:"trigger-id"`
}

type company struct {
	UUID text `json:"uuid"`
	Name text `json:"name"`
}

// decodeOptions repair what a sender may get wrong without changing a meaning. That
// the ids which count occur only once is checked together with the signature.
func decodeOptions() json.Options {
	return json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}

// decodeTrigger reads a trigger webhook. The company stands beside the event
// [documented], or inside it [observed: docs/vendors/teamtailor.md].
func decodeTrigger(body []byte) (triggerCall, error) {
	var call triggerCall
	if err := json.Unmarshal(body, &call, decodeOptions()); err != nil {
		return triggerCall{}, errBody
	}
	if call.Company.UUID == "" {
		call.Company = call.Event.Company
	}
	return call, nil
}

// origin tells how the run was started, by what is absent
// [assumed: docs/vendors/teamtailor.md]. A run by hand outside any job looks like
// bulk.
func (e *partnerEvent) origin() ats.Origin {
	switch {
	case e.Candidate.Job.TriggerID != "":
		return ats.OriginTrigger
	case e.Candidate.Job.ID != "":
		return ats.OriginManual
	}
	return ats.OriginBulk
}

// text is any scalar as text; null, lists and objects are empty.
type text string

// UnmarshalJSONFrom reads any value.
func (t *text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*t = ""
	if k := dec.PeekKind(); k == jsontext.KindBeginArray || k == jsontext.KindBeginObject {
		return dec.SkipValue()
	}
	value, err := readText(dec, 1)
	*t = text(value)
	return err
}

// formData holds the chosen values of the trigger form by field id: lower case,
// with hyphens [documented: docs/vendors/teamtailor.md]. Empty values are absent.
type formData map[string]string

// UnmarshalJSONFrom reads an object; anything else is an empty form.
func (d *formData) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*d = formData{}
	switch dec.PeekKind() {
	case jsontext.KindBeginObject:
		return eachMember(dec, func(name string) error {
			value, err := readText(dec, 3)
			choose(*d, name, value)
			return err
		})
	case jsontext.KindString: // a form packed once more [assumed: docs/vendors/teamtailor.md]
		packed, err := readText(dec, 1)
		if err == nil {
			*d = packedForm(packed)
		}
		return err
	default:
		return dec.SkipValue()
	}
}

// packedForm reads a form from a text; a text that is no JSON object is an empty one.
func packedForm(packed string) formData {
	if !strings.HasPrefix(strings.TrimSpace(packed), "{") {
		return formData{}
	}
	var form formData
	if err := json.Unmarshal([]byte(packed), &form, decodeOptions()); err != nil {
		return formData{}
	}
	return form
}

// choose sets a value unless it is empty.
func choose(d formData, name, value string) {
	if value = strings.TrimSpace(value); value != "" {
		d[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "_", "-")] = value
	}
}

// customFields is the list of single-key objects in which custom fields come, or one
// object with all of them.
type customFields []ats.CustomField

// UnmarshalJSONFrom reads a list of objects, or an object; anything else has no fields.
func (f *customFields) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*f = nil
	object := func() error {
		return eachMember(dec, func(name string) error {
			field, err := readField(dec)
			field.APIName = name
			*f = append(*f, field)
			return err
		})
	}
	switch dec.PeekKind() {
	case jsontext.KindBeginObject:
		return object()
	case jsontext.KindBeginArray:
		return eachElement(dec, func() error {
			if dec.PeekKind() == jsontext.KindBeginObject {
				return object()
			}
			return dec.SkipValue()
		})
	default:
		return dec.SkipValue()
	}
}

// readField reads a custom field's value with its type, or the value alone.
func readField(dec *jsontext.Decoder) (ats.CustomField, error) {
	var field ats.CustomField
	if dec.PeekKind() != jsontext.KindBeginObject {
		value, err := readText(dec, 2)
		field.Value = strings.TrimSpace(value)
		return field, err
	}
	err := eachMember(dec, func(name string) error {
		switch name {
		case "value":
			value, err := readText(dec, 3)
			field.Value = strings.TrimSpace(value)
			return err
		case "type":
			return (*text)(&field.Type).UnmarshalJSONFrom(dec)
		}
		return dec.SkipValue()
	})
	return field, err
}

// readText reads a value as text. Several choices are joined by a comma and a space;
// of an object its value or id counts. What a checkbox or a multiselect sends is not
// documented [assumed: docs/vendors/teamtailor.md]. Who nests deeper than the levels
// does not mean a value.
func readText(dec *jsontext.Decoder, levels int) (string, error) {
	kind := dec.PeekKind()
	if levels == 0 && (kind == jsontext.KindBeginArray || kind == jsontext.KindBeginObject) {
		return "", dec.SkipValue()
	}
	switch kind {
	case jsontext.KindString:
		token, err := dec.ReadToken()
		if err != nil {
			return "", err
		}
		return token.String(), nil
	case jsontext.KindNumber, jsontext.KindTrue, jsontext.KindFalse:
		raw, err := dec.ReadValue()
		return string(raw), err
	case jsontext.KindBeginArray:
		var parts []string
		err := eachElement(dec, func() error {
			part, err := readText(dec, levels-1)
			if part != "" {
				parts = append(parts, part)
			}
			return err
		})
		return strings.Join(parts, ", "), err
	case jsontext.KindBeginObject:
		var value, id string
		err := eachMember(dec, func(name string) (err error) {
			switch name {
			case "value":
				value, err = readText(dec, levels-1)
			case "id":
				id, err = readText(dec, levels-1)
			default:
				err = dec.SkipValue()
			}
			return err
		})
		return orDefault(value, id), err
	default:
		return "", dec.SkipValue()
	}
}

// eachMember reads an object; f reads the value of each member.
func eachMember(dec *jsontext.Decoder, f func(name string) error) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := f(name.String()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// eachElement reads an array; f reads each element.
func eachElement(dec *jsontext.Decoder, f func() error) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != jsontext.KindEndArray {
		if err := f(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}
