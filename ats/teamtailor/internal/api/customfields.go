package api

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// CustomFields calls /v1/custom-fields: the definitions.
type CustomFields struct{ client *client }

// CustomField is the definition of a custom field.
type CustomField struct {
	ID      string
	Name    string
	APIName string    // the sanitized name, which survives renames
	Type    FieldType // an unknown one is kept as it came
	Owner   string    // "Candidate" or "Job"; empty on older versions of the API [observed]
	Private bool
}

// FieldType is the vendor's name of a kind of field.
type FieldType string

// The kinds that exist [documented: docs/vendors/teamtailor.md].
const (
	FieldText        FieldType = "CustomField::Text"
	FieldEmail       FieldType = "CustomField::Email"
	FieldURL         FieldType = "CustomField::Url"
	FieldPhone       FieldType = "CustomField::Phone"
	FieldDate        FieldType = "CustomField::Date"
	FieldCheckbox    FieldType = "CustomField::Checkbox"
	FieldNumber      FieldType = "CustomField::Number"
	FieldSelect      FieldType = "CustomField::Select"
	FieldMultiSelect FieldType = "CustomField::MultiSelect"
)

// Get returns one definition.
func (s *CustomFields) Get(ctx context.Context, id string) (*CustomField, error) {
	return one(ctx, s.client, "custom field", "/v1/custom-fields/{id}", id, nil, newFieldReader())
}

// List returns a page; nil options ask for the first.
func (s *CustomFields) List(ctx context.Context, opts *PageOptions) (*Page[CustomField], error) {
	return s.list(opts).page(ctx)
}

// All yields every definition.
func (s *CustomFields) All(ctx context.Context, opts *PageOptions) iter.Seq2[CustomField, error] {
	return s.list(opts).all(ctx)
}

func (s *CustomFields) list(opts *PageOptions) list[CustomField] {
	return newList(s.client, "custom fields", "/v1/custom-fields", opts, newFieldReader)
}

// CustomFieldValues calls /v1/custom-field-values. Values are read together with
// their owner, see [CandidateOptions].
type CustomFieldValues struct{ client *client }

// CustomFieldValue is a value that a candidate has in a field. It logs without it.
type CustomFieldValue struct {
	ID    string
	Field CustomField // Type is that of the value if the definition did not come along

	// Text is a scalar as text: a date as it is written, "true" or "false", a number's
	// digits, the id of a chosen option. List holds the ids of several options; only
	// one of the two is set.
	Text string
	List []string
}

// LogValue shows which field it is and not what is in it.
func (v CustomFieldValue) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", v.ID), slog.String("field", v.Field.APIName))
}

// Create gives a candidate a value in a field. What kind of JSON value a field takes
// is told in docs/vendors/teamtailor.md: text for text and dates, a boolean, a
// number, the id of an option, or a list of ids.
//
// Whether it overwrites a value that is there already is not documented: read the
// candidate first and [CustomFieldValues.Update] what is found.
func (s *CustomFieldValues) Create(ctx context.Context, candidateID, fieldID string, value any) (*CustomFieldValue, error) {
	if candidateID == "" || fieldID == "" {
		return nil, fmt.Errorf("create custom field value: %w", argument("candidate and field", "must not be empty"))
	}
	to := map[string]jsonapi.Identifier{
		"owner":        {Type: "candidates", ID: candidateID},
		"custom-field": {Type: "custom-fields", ID: fieldID},
	}
	sets := newFieldSets()
	r := newReader(&jsonapi.Document{Data: sets.values}, sets.values, sets.valueFromAPI)
	return created(ctx, s.client, "custom field value", "/v1/custom-field-values", "custom-field-values", valueBody{value}, to, r)
}

// Update replaces a value. Repeating it is safe.
func (s *CustomFieldValues) Update(ctx context.Context, id string, value any) error {
	body, err := jsonapi.Encode("custom-field-values", id, valueBody{value}, nil)
	if err == nil {
		err = s.client.send(ctx, http.MethodPatch, "/v1/custom-field-values/{id}", []string{id}, body, nil)
	}
	if err != nil {
		return fmt.Errorf("update custom field value %s: %w", id, err)
	}
	return nil
}

type valueBody struct {
	Value any `json:"value"`
}

type fieldAttributes struct {
	Name      jsonapi.Text `json:"name"`
	APIName   jsonapi.Text `json:"api-name"`
	FieldType string       `json:"field-type"`
	OwnerType jsonapi.Text `json:"owner-type"`
	IsPrivate jsonapi.Text `json:"is-private"`
}

type valueAttributes struct {
	Value     fieldValue `json:"value"`
	FieldType string     `json:"field-type"`
}

type valueRelations struct {
	Field jsonapi.ToOne `json:"custom-field"`
}

type (
	fieldResource = jsonapi.Resource[fieldAttributes, struct{}]
	valueResource = jsonapi.Resource[valueAttributes, valueRelations]
)

// fieldSets are the two kinds of resources that custom fields come in.
type fieldSets struct {
	values *jsonapi.Set[valueAttributes, valueRelations]
	fields *jsonapi.Set[fieldAttributes, struct{}]
}

func newFieldSets() *fieldSets {
	return &fieldSets{
		values: jsonapi.NewSet[valueAttributes, valueRelations]("custom-field-values"),
		fields: jsonapi.NewSet[fieldAttributes, struct{}]("custom-fields"),
	}
}

func (s *fieldSets) valueFromAPI(res *valueResource) CustomFieldValue {
	v := CustomFieldValue{ID: res.ID, Text: res.Attributes.Value.text, List: res.Attributes.Value.list}
	if field := s.fields.Find(res.Relationships.Field.ID); field != nil {
		v.Field = fieldFromAPI(field)
	} else {
		v.Field = CustomField{ID: res.Relationships.Field.ID, Type: FieldType(res.Attributes.FieldType)}
	}
	return v
}

func newFieldReader() reader[CustomField] {
	set := jsonapi.NewSet[fieldAttributes, struct{}]("custom-fields")
	return newReader(&jsonapi.Document{Data: set}, set, fieldFromAPI)
}

func fieldFromAPI(res *fieldResource) CustomField {
	a := &res.Attributes
	return CustomField{
		ID: res.ID, Name: string(a.Name), APIName: string(a.APIName), Type: FieldType(a.FieldType),
		Owner: string(a.OwnerType), Private: a.IsPrivate == "true",
	}
}

// fieldValue is a scalar or a list of scalars.
type fieldValue struct {
	text string
	list []string
}

// UnmarshalJSONFrom reads any value.
func (v *fieldValue) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*v = fieldValue{}
	var text jsonapi.Text
	if dec.PeekKind() != jsontext.KindBeginArray {
		err := text.UnmarshalJSONFrom(dec)
		v.text = string(text)
		return err
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	v.list = []string{}
	for dec.PeekKind() != jsontext.KindEndArray {
		if err := text.UnmarshalJSONFrom(dec); err != nil {
			return err
		}
		v.list = append(v.list, string(text))
	}
	_, err := dec.ReadToken()
	return err
}
