package jsonapi_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// The wanted parts of a candidate page, as the client of the public API has them.
type (
	candidateAttributes struct {
		FirstName string       `json:"first-name"`
		LastName  string       `json:"last-name"`
		Email     string       `json:"email"`
		Phone     string       `json:"phone"`
		Tags      []string     `json:"tags"`
		CreatedAt jsonapi.Time `json:"created-at"`
		UpdatedAt jsonapi.Time `json:"updated-at"`
	}
	candidateRelations struct {
		Values       jsonapi.ToMany `json:"custom-field-values"`
		Applications jsonapi.ToMany `json:"job-applications"`
	}
	valueAttributes struct {
		Value     jsonapi.Text `json:"value"`
		FieldType string       `json:"field-type"`
	}
	valueRelations struct {
		Field jsonapi.ToOne `json:"custom-field"`
		Owner jsonapi.ToOne `json:"owner"`
	}
	fieldAttributes struct {
		Name      string `json:"name"`
		APIName   string `json:"api-name"`
		FieldType string `json:"field-type"`
	}
	none struct{}
)

// reader is a document with the sets of a candidate page.
type reader struct {
	doc        jsonapi.Document
	candidates *jsonapi.Set[candidateAttributes, candidateRelations]
	values     *jsonapi.Set[valueAttributes, valueRelations]
	fields     *jsonapi.Set[fieldAttributes, none]
}

func newReader() *reader {
	r := &reader{
		candidates: jsonapi.NewSet[candidateAttributes, candidateRelations]("candidates"),
		values:     jsonapi.NewSet[valueAttributes, valueRelations]("custom-field-values"),
		fields:     jsonapi.NewSet[fieldAttributes, none]("custom-fields"),
	}
	r.doc = jsonapi.Document{Data: r.candidates, Included: []jsonapi.Collector{r.values, r.fields}}
	return r
}

// page writes a page as the vendor does: every relationship with its two links,
// long texts that nobody reads, links and meta at the end.
type page struct {
	candidates, values, fields int
	includedFirst              bool
	next                       string
	number                     uint64 // another number, other content
}

// fullPage has 30 and 43 records in about 209 kB.
func fullPage(number uint64) page {
	return page{candidates: 30, values: 37, fields: 6, next: "https://api.teamtailor.com/v1/candidates?page%5Bnumber%5D=2", number: number}
}

func (p page) bytes() []byte {
	random := rand.New(rand.NewPCG(p.number, 4))
	data, included := p.data(random), p.included(random)
	var b bytes.Buffer
	b.WriteString("{")
	if p.includedFirst {
		fmt.Fprintf(&b, `"included":[%s],"data":[%s]`, included, data)
	} else {
		fmt.Fprintf(&b, `"data":[%s],"included":[%s]`, data, included)
	}
	next := "null"
	if p.next != "" {
		next = fmt.Sprintf("%q", p.next)
	}
	fmt.Fprintf(&b, `,"meta":{"record-count":%d,"page-count":2,"texts":{}},"links":{"first":"https://api.teamtailor.com/v1/candidates","next":%s}}`, p.candidates, next)
	return b.Bytes()
}

func (p page) data(random *rand.Rand) string {
	var list []string
	for i := range p.candidates {
		id := p.id(i)
		relations := links("candidates", id, "activities", "department", "role", "regions", "job-applications",
			"questions", "answers", "locations", "uploads", "partner-results", "division", "nps-responses")
		var owned []string
		for v := i; v < p.values; v += p.candidates {
			owned = append(owned, fmt.Sprintf(`{"type":"custom-field-values","id":"%d"}`, 7000+v))
		}
		relations = append(relations, fmt.Sprintf(`"custom-field-values":{%s,"data":[%s]}`, selfLinks("candidates", id, "custom-field-values"), strings.Join(owned, ",")))
		list = append(list, fmt.Sprintf(`{"id":"%s","type":"candidates","links":{"self":"https://api.teamtailor.com/v1/candidates/%s"},`+
			`"attributes":{"connected":false,"created-at":"2026-02-%02dT09:30:00.000+01:00","email":"person%d@mail.example","facebook-id":null,"first-name":"Given%d",`+
			`"internal":false,"last-name":"Family\u00e9%d","linkedin-profile":null,"original-resume":"%s","phone":"+4670000%04d","picture":"%s","pitch":"%s",`+
			`"referring-site":null,"resume":"%s","resume-summary":"%s","sourced":true,"tags":["nurse","night%d"],"unsubscribed":false,"updated-at":"2026-03-01T10:00:00.123Z"},`+
			`"relationships":{%s}}`, id, id, i%28+1, i, i, i, signedURL(random), i, signedURL(random), text(random, 110), signedURL(random), text(random, 230), i, strings.Join(relations, ",")))
	}
	return strings.Join(list, ",")
}

func (p page) included(random *rand.Rand) string {
	var list []string
	for i := range p.values {
		id := fmt.Sprint(7000 + i)
		list = append(list, fmt.Sprintf(`{"id":"%s","type":"custom-field-values","links":{"self":"https://api.teamtailor.com/v1/custom-field-values/%s"},`+
			`"attributes":{"value":"%s","field-type":"CustomField::Text","created-at":"2026-02-01T09:30:00.000+01:00"},"relationships":{`+
			`"custom-field":{%s,"data":{"type":"custom-fields","id":"%d"}},"owner":{%s,"data":{"type":"candidates","id":"%s"}}}}`,
			id, id, text(random, 12), selfLinks("custom-field-values", id, "custom-field"), 900+i%max(p.fields, 1), selfLinks("custom-field-values", id, "owner"), p.id(i%max(p.candidates, 1))))
	}
	for i := range p.fields {
		id := fmt.Sprint(900 + i)
		list = append(list, fmt.Sprintf(`{"id":"%s","type":"custom-fields","links":{"self":"https://api.teamtailor.com/v1/custom-fields/%s"},`+
			`"attributes":{"name":"Field %d","api-name":"field-%d","field-type":"CustomField::Text","is-private":false,"owner-type":"Candidate"},"relationships":{%s}}`,
			id, id, i, i, strings.Join(links("custom-fields", id, "custom-field-values"), ",")))
	}
	return strings.Join(list, ",")
}

func (p page) id(i int) string { return fmt.Sprint(80000 + int(p.number%1000)*100 + i) }

func links(kind, id string, names ...string) []string {
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf(`%q:{%s}`, name, selfLinks(kind, id, name)))
	}
	return list
}

func selfLinks(kind, id, name string) string {
	return fmt.Sprintf(`"links":{"self":"https://api.teamtailor.com/v1/%s/%s/relationships/%s","related":"https://api.teamtailor.com/v1/%s/%s/%s"}`, kind, id, name, kind, id, name)
}

func signedURL(random *rand.Rand) string {
	return fmt.Sprintf("https://files.example/uploads/%016x?signature=%016x%016x%016x%016x", random.Uint64(), random.Uint64(), random.Uint64(), random.Uint64(), random.Uint64())
}

// text is what people write: mostly plain letters, now and then something else.
func text(random *rand.Rand, words int) string {
	plain := []string{"ward", "shift", "night", "clinic", "training", "certificate", "experience", "2019"}
	special := []string{"café", "över", `\"rota\"`, `\n`, `\u003cbr\u003e`, "–"}
	list := make([]string, words)
	for i := range list {
		list[i] = plain[random.IntN(len(plain))]
		if random.IntN(12) == 0 {
			list[i] = special[random.IntN(len(special))]
		}
	}
	return strings.Join(list, " ")
}
