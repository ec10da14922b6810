package jsonapi_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// joined is a page's content in words: who has which custom field values.
func (r *reader) joined() []string {
	var list []string
	for _, c := range r.candidates.Items {
		line := fmt.Sprintf("%s %s %s %s %v %s", c.ID, c.Attributes.FirstName, c.Attributes.LastName, c.Attributes.Email, c.Attributes.Tags, c.Attributes.CreatedAt.Format(time.RFC3339))
		for _, id := range c.Relationships.Values.IDs {
			value := r.values.Find(id)
			field := r.fields.Find(value.Relationships.Field.ID)
			line += fmt.Sprintf(" | %s=%s", field.Attributes.APIName, value.Attributes.Value)
		}
		list = append(list, line)
	}
	return list
}

func TestPageIsReadAndJoined(t *testing.T) {
	t.Parallel()
	body := fullPage(1).bytes()
	require.InDelta(t, 209_000, len(body), 12_000, "the page that the targets are stated for")
	r := newReader()
	require.NoError(t, r.doc.Decode(bytes.NewReader(body)))
	require.Len(t, r.candidates.Items, 30)
	require.Len(t, r.values.Items, 37)
	require.Len(t, r.fields.Items, 6)
	require.Equal(t, "https://api.teamtailor.com/v1/candidates?page%5Bnumber%5D=2", r.doc.Links.Next)
	require.Equal(t, jsonapi.Meta{RecordCount: 30, PageCount: 2}, r.doc.Meta)

	ordinary, values, fields, err := decodeOrdinary(bytes.NewReader(body))
	require.NoError(t, err)
	for i, want := range ordinary.Data {
		got := r.candidates.Items[i]
		require.Equal(t, want.ID, got.ID)
		require.Equal(t, want.Attributes.FirstName, got.Attributes.FirstName)
		require.Equal(t, want.Attributes.LastName, got.Attributes.LastName)
		require.Equal(t, want.Attributes.Email, got.Attributes.Email)
		require.Equal(t, want.Attributes.Phone, got.Attributes.Phone)
		require.Equal(t, want.Attributes.Tags, got.Attributes.Tags)
		require.True(t, got.Relationships.Values.Loaded)
		require.Len(t, got.Relationships.Values.IDs, len(want.Relationships.Values.Data))
		require.Equal(t, jsonapi.ToMany{}, got.Relationships.Applications, "only links")
	}
	for i, want := range values {
		require.Equal(t, want.Value, string(r.values.Items[i].Attributes.Value))
		require.Equal(t, ordinary.Included[i].Relationships.Owner.Data.ID, r.values.Items[i].Relationships.Owner.ID)
	}
	for i, want := range fields {
		require.Equal(t, want, r.fields.Items[i].Attributes)
	}
}

func TestIncludedMayComeFirst(t *testing.T) {
	t.Parallel()
	p := page{candidates: 3, values: 5, fields: 2}
	usual := newReader()
	require.NoError(t, usual.doc.Decode(bytes.NewReader(p.bytes())))
	p.includedFirst = true
	first := newReader()
	require.NoError(t, first.doc.Decode(bytes.NewReader(p.bytes())))
	require.Len(t, first.candidates.Items, 3)
	for i, line := range usual.joined() {
		require.Equal(t, strings.Split(line, "|")[0], strings.Split(first.joined()[i], "|")[0])
		require.Equal(t, strings.Count(line, "|"), strings.Count(first.joined()[i], "|"))
	}
}

func TestMembersMayComeInAnyOrder(t *testing.T) {
	t.Parallel()
	members := []string{
		`"id":"7"`, `"type":"custom-field-values"`, `"attributes":{"value":"14:30","field-type":"CustomField::Text"}`,
		`"relationships":{"custom-field":{"data":{"id":"9","type":"custom-fields"}}}`,
	}
	permute(members, func(order []string) {
		r := newReader()
		body := `{"included":[{` + strings.Join(order, ",") + `},{"id":"9","attributes":{"api-name":"interview-time"},"links":{},"type":"custom-fields"}],"data":[]}`
		require.NoError(t, r.doc.Decode(strings.NewReader(body)), body)
		require.Len(t, r.values.Items, 1)
		value := r.values.Items[0]
		require.Equal(t, "7", value.ID)
		require.Equal(t, jsonapi.Text("14:30"), value.Attributes.Value)
		require.Equal(t, jsonapi.ToOne{ID: "9", Loaded: true}, value.Relationships.Field)
		require.Equal(t, "interview-time", r.fields.Find("9").Attributes.APIName)
	})
}

func permute(list []string, visit func([]string)) {
	var walk func(int)
	walk = func(k int) {
		if k == len(list) {
			visit(list)
			return
		}
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			walk(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	walk(0)
}

const person = `{"id":"1","type":"candidates","attributes":{"first-name":"Mira","tags":["nurse"]}}`

func TestAcceptedDocuments(t *testing.T) {
	t.Parallel()
	one := func(t *testing.T, r *reader) {
		t.Helper()
		require.Len(t, r.candidates.Items, 1)
		require.Equal(t, "1", r.candidates.Items[0].ID)
		require.Equal(t, "Mira", r.candidates.Items[0].Attributes.FirstName)
		require.Equal(t, []string{"nurse"}, r.candidates.Items[0].Attributes.Tags)
	}
	empty := func(t *testing.T, r *reader) {
		t.Helper()
		require.Empty(t, r.candidates.Items)
		require.Empty(t, r.doc.Links.Next)
	}
	tests := map[string]struct {
		body  string
		check func(*testing.T, *reader)
	}{
		"a single resource":                 {`{"data":` + person + `}`, one},
		"a list":                            {`{"data":[` + person + `]}`, one},
		"an empty list":                     {`{"data":[]}`, empty},
		"no resource":                       {`{"data":null}`, empty},
		"an empty document":                 {`{}`, empty},
		"whitespace everywhere":             {" \n{ \"data\" : [ " + strings.ReplaceAll(person, ":", " :\t") + " ] } \r\n", one},
		"names written with escapes":        {`{"d\u0061ta":` + strings.Replace(person, `"type"`, `"t\u0079pe"`, 1) + `}`, one},
		"an id that is a number":            {`{"data":` + strings.Replace(person, `"1"`, `1`, 1) + `}`, one},
		"a name that occurs twice":          {`{"data":` + strings.Replace(person, `"first-name"`, `"first-name":"Old","first-name"`, 1) + `}`, one},
		"unknown members":                   {`{"jsonapi":{"version":"1.0"},"data":` + strings.Replace(person, `"type"`, `"links":{"self":"x"},"meta":[1,{"a":[]}],"type"`, 1) + `}`, one},
		"null for attributes and relations": {`{"data":{"id":"1","type":"candidates","attributes":null,"relationships":null}}`, func(t *testing.T, r *reader) { require.Len(t, r.candidates.Items, 1) }},
		"null for a wanted attribute":       {`{"data":{"id":"1","type":"candidates","attributes":{"first-name":null,"tags":null,"created-at":null}}}`, func(t *testing.T, r *reader) { require.Zero(t, r.candidates.Items[0].Attributes) }},
		"included resources nobody wants":   {`{"included":[{"id":"1","type":"regions","attributes":{"name":5}},{"attributes":{},"relationships":{},"type":"x","id":"2"}],"data":` + person + `}`, one},
		"a next link in its long form":      {`{"links":{"next":{"href":"https://x.example/2","meta":{}}}}`, func(t *testing.T, r *reader) { require.Equal(t, "https://x.example/2", r.doc.Links.Next) }},
		"a next link that is null":          {`{"links":{"self":"a","next":null}}`, empty},
		"links and meta that are null":      {`{"links":null,"meta":null}`, empty},
		"counts that are strings": {`{"meta":{"record-count":"5","page-count":"1"}}`, func(t *testing.T, r *reader) {
			require.Equal(t, jsonapi.Meta{RecordCount: 5, PageCount: 1}, r.doc.Meta)
		}},
		"errors beside nothing": {`{"errors":[{"title":"no"}]}`, func(t *testing.T, r *reader) { require.Equal(t, []jsonapi.Error{{Title: "no"}}, r.doc.Errors) }},
		"a relationship to nothing": {`{"data":[],"included":[{"id":"7","type":"custom-field-values","relationships":{"custom-field":{"data":null}}}]}`, func(t *testing.T, r *reader) {
			require.Equal(t, jsonapi.ToOne{Loaded: true}, r.values.Items[0].Relationships.Field)
		}},
		"a relationship of the wrong number": {`{"data":{"id":"1","type":"candidates","relationships":{"custom-field-values":{"data":{"id":"7","type":"x"},"links":{}}}}}`, func(t *testing.T, r *reader) {
			require.Equal(t, jsonapi.ToMany{Loaded: true}, r.candidates.Items[0].Relationships.Values)
		}},
		"a relationship that is no object": {`{"data":{"id":"1","type":"candidates","relationships":{"custom-field-values":[],"job-applications":null}}}`, func(t *testing.T, r *reader) { require.Zero(t, r.candidates.Items[0].Relationships) }},
		"an empty relationship": {`{"data":{"id":"1","type":"candidates","relationships":{"custom-field-values":{"data":[],"meta":1}}}}`, func(t *testing.T, r *reader) {
			require.Equal(t, jsonapi.ToMany{Loaded: true}, r.candidates.Items[0].Relationships.Values)
		}},
		"ids of a relationship as numbers": {`{"data":{"id":"1","type":"candidates","relationships":{"custom-field-values":{"data":[{"type":"x","id":7},{"id":"8"}]}}}}`, func(t *testing.T, r *reader) {
			require.Equal(t, []string{"7", "8"}, r.candidates.Items[0].Relationships.Values.IDs)
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(tt.body), iotest.OneByteReader(strings.NewReader(tt.body))} {
				into := newReader()
				require.NoError(t, into.doc.Decode(r))
				tt.check(t, into)
			}
		})
	}
}

func TestInvalidUTF8IsRepaired(t *testing.T) {
	t.Parallel()
	r := newReader()
	body := strings.Replace(person, "Mira", "Mi\xffra", 1)
	require.NoError(t, r.doc.Decode(strings.NewReader(`{"data":`+body+`}`)))
	require.Equal(t, "Mi\ufffdra", r.candidates.Items[0].Attributes.FirstName)
}

func TestTextAndTimeTakeWhatComes(t *testing.T) {
	t.Parallel()
	texts := map[string]string{`"a\u00e9\n"`: "aé\n", `12.50`: "12.50", `true`: "true", `false`: "false", `null`: "", `[1]`: "", `{"a":1}`: "", `""`: ""}
	for raw, want := range texts {
		r := newReader()
		body := `{"included":[{"id":"1","type":"custom-field-values","attributes":{"value":` + raw + `}}]}`
		require.NoError(t, r.doc.Decode(strings.NewReader(body)))
		require.Equal(t, want, string(r.values.Items[0].Attributes.Value), raw)
	}
	times := map[string]time.Time{
		`"2026-02-03T09:30:00.000+01:00"`: time.Date(2026, 2, 3, 8, 30, 0, 0, time.UTC),
		`"2026-02-03T09:30:00Z"`:          time.Date(2026, 2, 3, 9, 30, 0, 0, time.UTC),
		`"2026-02-03"`:                    time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC),
		`"yesterday"`:                     {}, `""`: {}, `null`: {}, `5`: {}, `{}`: {},
	}
	for raw, want := range times {
		r := newReader()
		body := `{"data":{"id":"1","type":"candidates","attributes":{"created-at":` + raw + `}}}`
		require.NoError(t, r.doc.Decode(strings.NewReader(body)))
		require.Equal(t, want, r.candidates.Items[0].Attributes.CreatedAt.Time, raw)
	}
}

func TestRefusedDocuments(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want error
	}{
		"nothing":                           {"", jsonapi.ErrSyntax},
		"a page of HTML":                    {"<html>", jsonapi.ErrSyntax},
		"a list at the top":                 {`[]`, jsonapi.ErrDocument},
		"a text at the top":                 {`"secret"`, jsonapi.ErrDocument},
		"a second document":                 {`{} {}`, jsonapi.ErrSyntax},
		"rubbish at the end":                {`{}secret`, jsonapi.ErrSyntax},
		"a number for data":                 {`{"data":1}`, jsonapi.ErrDocument},
		"a text in the list":                {`{"data":["secret"]}`, jsonapi.ErrDocument},
		"another type":                      {`{"data":{"id":"1","type":"secret"}}`, jsonapi.ErrDocument},
		"no type":                           {`{"data":{"id":"1"}}`, jsonapi.ErrDocument},
		"no id":                             {`{"data":{"type":"candidates"}}`, jsonapi.ErrDocument},
		"an included resource without type": {`{"included":[{"id":"1"}]}`, jsonapi.ErrDocument},
		"two types":                         {`{"included":[{"id":"1","type":"custom-fields","type":"custom-field-values"}]}`, jsonapi.ErrDocument},
		"the same type twice":               {`{"included":[{"id":"1","type":"custom-fields","type":"custom-fields"}]}`, jsonapi.ErrDocument},
		"a type that is no text":            {`{"data":{"id":"1","type":5}}`, jsonapi.ErrDocument},
		"attributes that are no object":     {`{"data":{"id":"1","type":"candidates","attributes":["secret"]}}`, jsonapi.ErrDocument},
		"an attribute of another type":      {`{"data":{"id":"1","type":"candidates","attributes":{"first-name":{"secret":1}}}}`, jsonapi.ErrDocument},
		"an early one of another type":      {`{"included":[{"attributes":{"name":5},"id":"1","type":"custom-fields"}]}`, jsonapi.ErrDocument},
		"a missing comma":                   {`{"data":[` + person + person + `]}`, jsonapi.ErrSyntax},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := newReader().doc.Decode(strings.NewReader(tt.body))
			require.ErrorIs(t, err, tt.want)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	t.Parallel()
	body := page{candidates: 1, values: 1, fields: 1}.bytes()
	r := newReader()
	for n := range body {
		require.ErrorIs(t, r.doc.Decode(bytes.NewReader(body[:n])), jsonapi.ErrSyntax, "after %d bytes", n)
	}
	require.NoError(t, r.doc.Decode(bytes.NewReader(body)), "the reader is as good as new after an error")
	require.Len(t, r.joined(), 1)
}

func TestABrokenReaderIsReportedAsItself(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	body := page{candidates: 2, values: 2, fields: 1}.bytes()
	for n := 0; n < len(body); n += 97 {
		err := newReader().doc.Decode(io.MultiReader(bytes.NewReader(body[:n]), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken, "after %d bytes", n)
	}
}

func TestTheLimitIsExact(t *testing.T) {
	t.Parallel()
	body := page{candidates: 2, values: 2, fields: 1}.bytes()
	r := newReader()
	r.doc.Limit = int64(len(body))
	require.NoError(t, r.doc.Decode(bytes.NewReader(body)))
	r.doc.Limit--
	require.ErrorIs(t, r.doc.Decode(bytes.NewReader(body)), jsonapi.ErrTooLarge)
	require.ErrorIs(t, r.doc.Decode(io.MultiReader(strings.NewReader(`{"data":[],"x":"`), endless{})), jsonapi.ErrTooLarge)
}

// endless is a string that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestNothingOfAPageIsLeftInTheNext(t *testing.T) {
	t.Parallel()
	r := newReader()
	require.NoError(t, r.doc.Decode(bytes.NewReader(fullPage(1).bytes())))
	kept := r.candidates.Items[0].Attributes.FirstName
	require.NoError(t, r.doc.Decode(strings.NewReader(`{"data":[{"id":"1","type":"candidates"}],"included":[{"id":"2","type":"custom-fields"}]}`)))
	require.Equal(t, []jsonapi.Resource[candidateAttributes, candidateRelations]{{ID: "1"}}, r.candidates.Items)
	require.Empty(t, r.values.Items)
	require.Equal(t, []jsonapi.Resource[fieldAttributes, none]{{ID: "2"}}, r.fields.Items)
	require.Equal(t, jsonapi.Links{}, r.doc.Links)
	require.Equal(t, jsonapi.Meta{}, r.doc.Meta)
	require.Nil(t, r.values.Find("7000"))
	require.Equal(t, "Given0", kept, "strings outlive the page")
}

func TestFindInLargeAndSmallSets(t *testing.T) {
	t.Parallel()
	r := newReader()
	for _, size := range []int{1, 16, 17, 40, 3} {
		require.NoError(t, r.doc.Decode(bytes.NewReader(page{candidates: 1, values: size, fields: 1}.bytes())))
		require.Nil(t, r.values.Find("6999"))
		for i := range size {
			id := fmt.Sprint(7000 + i)
			require.Same(t, &r.values.Items[i], r.values.Find(id))
		}
		require.Nil(t, r.values.Find(fmt.Sprint(7000+size)))
	}
}

func TestFindKnowsNothingOfEarlierPages(t *testing.T) {
	t.Parallel()
	r := newReader()
	for number := range uint64(3) {
		require.NoError(t, r.doc.Decode(bytes.NewReader(fullPage(number).bytes())))
		for i := range r.candidates.Items {
			require.Same(t, &r.candidates.Items[i], r.candidates.Find(r.candidates.Items[i].ID))
		}
		require.Nil(t, r.candidates.Find(fullPage(number-1).id(3)))
	}
}

func TestNewSetNeedsTags(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, "jsonapi: field Name of struct { Name string } needs a json tag", func() {
		jsonapi.NewSet[struct{ Name string }, none]("x")
	})
}

// The targets: at most 700 allocations and 60 kB for a page, however many pages.
func TestPagesStayWithinTheirMemory(t *testing.T) { //nolint:paralleltest // counts the process's allocations
	const pages = 40
	bodies := make([][]byte, pages)
	for i := range bodies {
		bodies[i] = fullPage(uint64(i)).bytes()
	}
	warm := newReader() // what the JSON package learns about our types is paid once per process
	require.NoError(t, warm.doc.Decode(bytes.NewReader(page{candidates: 2, values: 2, fields: 1}.bytes())))
	r := newReader()
	input := bytes.NewReader(nil)
	measure := func(from, to int) (allocs, size uint64) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, body := range bodies[from:to] {
			input.Reset(body)
			if err := r.doc.Decode(input); err != nil {
				t.Fatal(err)
			}
		}
		runtime.ReadMemStats(&after)
		return (after.Mallocs - before.Mallocs) / uint64(to-from), (after.TotalAlloc - before.TotalAlloc) / uint64(to-from)
	}
	allocs, size := measure(0, 1)
	t.Logf("first page: %d allocations, %d bytes", allocs, size)
	require.LessOrEqual(t, allocs, uint64(700))
	require.LessOrEqual(t, size, uint64(60_000))

	allocs, size = measure(1, pages)
	t.Logf("further pages: %d allocations, %d bytes each", allocs, size)
	require.LessOrEqual(t, allocs, uint64(700))
	require.LessOrEqual(t, size, uint64(30_000))
}
