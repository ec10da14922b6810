package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// People calls /people.
type People struct{ client *Client }

// Person is a person's record. It logs as its id.
type Person struct {
	ID   string
	Name string // the whole name

	// FirstName and LastName are empty where the vendor gives the whole name only,
	// which is all that has been seen.
	FirstName, LastName string

	Emails []Email // in the vendor's order
}

// Email is an address of a person.
type Email struct {
	Address string
	// Primary and DoNotEmail are known by these names from writing. Reading has shown
	// neither [assumed: docs/vendors/topechelon.md].
	Primary, DoNotEmail bool
}

// LogValue shows the id.
func (p Person) LogValue() slog.Value { return slog.StringValue("person " + p.ID) }

// Sorting of a search [observed: docs/vendors/topechelon.md].
const (
	SortAdded    = "date_added"
	SortModified = "date_modified"
)

// PersonSearch narrows a search to what all of its fields ask for. These are the only
// members that have been seen [observed: docs/vendors/topechelon.md].
type PersonSearch struct {
	// Keyword is looked for in names, addresses and whatever else the vendor
	// chooses. Empty finds everybody.
	Keyword string
	// EnteredSince and ModifiedSince count whole days, in the zone that the time has.
	EnteredSince, ModifiedSince time.Time
	// SortBy is SortAdded, the default, or SortModified.
	SortBy string
	// Ascending puts the oldest first. By default the newest are.
	Ascending bool
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Number counts from 1. Pages and Total are the vendor's, zero where it tells none.
	Number, Pages, Total int
}

const searchPath = "/people/search"

type personSearch struct {
	Page      int          `json:"page"`
	SortBy    string       `json:"sort_by"`
	SortOrder string       `json:"sort_order"`
	Search    searchFields `json:"person_search"`
}

type searchFields struct {
	Keyword       string `json:"keyword"`
	EnteredSince  string `json:"minimum_date_entered,omitempty"`
	ModifiedSince string `json:"minimum_date_modified,omitempty"`
}

// Search reads one page of the people whom the user may see, from page 1. A record
// appears some time after it was made.
func (s *People) Search(ctx context.Context, search PersonSearch, page int) (*Page[Person], error) {
	if page < 1 {
		return nil, fmt.Errorf("search people: %w", argument("page", "must be 1 or more"))
	}
	body := personSearch{
		Page: page, SortBy: search.SortBy, SortOrder: "desc",
		Search: searchFields{Keyword: search.Keyword, EnteredSince: day(search.EnteredSince), ModifiedSince: day(search.ModifiedSince)},
	}
	switch search.SortBy {
	case "":
		body.SortBy = SortAdded
	case SortAdded, SortModified:
	default:
		return nil, fmt.Errorf("search people: %w", argument("sort_by", "must be date_added or date_modified"))
	}
	if search.Ascending {
		body.SortOrder = "asc"
	}
	var answer entries[person]
	if err := s.client.post(ctx, searchPath, nil, nil, body, &answer); err != nil {
		return nil, fmt.Errorf("search people: %w", err)
	}
	result, err := pageOf(&answer, page, personFromAPI)
	if err != nil {
		return nil, fmt.Errorf("search people: %w", unusable(http.MethodPost, searchPath, err))
	}
	return result, nil
}

// All yields everybody whom the search finds, each once.
func (s *People) All(ctx context.Context, search PersonSearch) iter.Seq2[Person, error] {
	fetch := func(ctx context.Context, page int) ([]Person, int, bool, error) {
		p, err := s.Search(ctx, search, page)
		if err != nil {
			return nil, 0, false, err
		}
		return p.Items, page + 1, page < p.Pages, nil
	}
	return httpx.All(ctx, 1, fetch, func(p Person) string { return p.ID })
}

// Get reads one person. Nobody has seen this call at work: unless
// [Config].TryUnverified is set nothing is sent and the error matches [ErrUnverified]
// [assumed: docs/vendors/topechelon.md].
func (s *People) Get(ctx context.Context, personID string) (*Person, error) {
	const path = "/people/{id}"
	if !s.client.cfg.TryUnverified {
		return nil, fmt.Errorf("get person %s: GET %s: %w", personID, path, ErrUnverified)
	}
	var answer struct {
		Person *person `json:"person"`
	}
	if err := s.client.get(ctx, path, []string{personID}, nil, &answer); err != nil {
		return nil, fmt.Errorf("get person %s: %w", personID, err)
	}
	if answer.Person == nil || answer.Person.ID == "" {
		return nil, fmt.Errorf("get person %s: %w", personID, unusable(http.MethodGet, path, errNoID))
	}
	p := personFromAPI(answer.Person)
	return &p, nil
}

// Attach stores a file on a person's record. Repeating it stores a second one, as far
// as is known: ask [OutcomeUnknown] before doing so. It needs the scope to write.
func (s *People) Attach(ctx context.Context, personID, fileName string, content []byte) error {
	const path = "/people/{id}/attachments"
	body, contentType, err := fileForm(fileName, content)
	if err != nil {
		return fmt.Errorf("attach file to person %s: %w", personID, err)
	}
	err = s.client.do(ctx, &httpx.Request{
		Method: http.MethodPost, Path: path, Args: []string{personID},
		Header: http.Header{"Content-Type": {contentType}}, Body: body,
	}, nil)
	if err != nil {
		return fmt.Errorf("attach file to person %s: %w", personID, err)
	}
	return nil
}

// fileForm is a form with one file. Its media type is the writer's, because it names
// the boundary [observed: docs/vendors/topechelon.md].
func fileForm(fileName string, content []byte) (body []byte, contentType string, err error) {
	if fileName == "" || len(fileName) > 255 || strings.ContainsFunc(fileName, func(r rune) bool {
		return r < ' ' || r == 0x7f || strings.ContainsRune(`/\`, r)
	}) {
		return nil, "", argument("file name", "must be 1 to 255 bytes without slashes and control characters")
	}
	if len(content) == 0 {
		return nil, "", argument("content", "must not be empty")
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", fileName)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), w.FormDataContentType(), err
}

// day writes a date; empty for no time.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

type person struct {
	ID        id      `json:"id"`
	Name      text    `json:"name"`
	FirstName text    `json:"first_name"`
	LastName  text    `json:"last_name"`
	Emails    []email `json:"email_addresses"`
}

func (p *person) identifier() string { return string(p.ID) }

type email struct {
	Address    text `json:"email"`
	Primary    flag `json:"primary"`
	DoNotEmail flag `json:"do_not_email"`
}

// UnmarshalJSON takes an address without a wrapper too.
func (e *email) UnmarshalJSON(b []byte) error {
	*e = email{}
	if len(b) > 0 && b[0] != '{' {
		return e.Address.UnmarshalJSON(b)
	}
	type plain email
	return json.Unmarshal(b, (*plain)(e))
}

func personFromAPI(p *person) Person {
	result := Person{ID: string(p.ID), Name: string(p.Name), FirstName: string(p.FirstName), LastName: string(p.LastName)}
	if result.Name == "" {
		result.Name = strings.TrimSpace(result.FirstName + " " + result.LastName)
	}
	for _, e := range p.Emails {
		if e.Address != "" {
			result.Emails = append(result.Emails, Email{Address: string(e.Address), Primary: bool(e.Primary), DoNotEmail: bool(e.DoNotEmail)})
		}
	}
	return result
}
