package api_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

const redirectURL = "https://integration.example/oauth/callback"

// store is an [oauth.Store] in memory.
type store struct {
	mu   sync.Mutex
	text string
}

func (s *store) Load(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text, nil
}

func (s *store) Swap(_ context.Context, old, replacement string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text != old {
		return oauth.ErrConflict
	}
	s.text = replacement
	return nil
}

// vendor is a simulated Top Echelon with one agency, two users and an integration.
type vendor struct {
	*topechelontest.Server
	agency   *topechelontest.Agency
	ana, ben *topechelontest.User
	app      *topechelontest.Integration
}

func newVendor(t *testing.T, opts ...topechelontest.Option) *vendor {
	t.Helper()
	v := &vendor{Server: topechelontest.NewServer(append([]topechelontest.Option{topechelontest.InMemory()}, opts...)...)}
	t.Cleanup(v.Close)
	v.agency = v.AddAgency("Northwind Search")
	v.ana = v.agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
	v.ben = v.agency.AddUser(topechelontest.UserConfig{Name: "Ben Okoye", Email: "ben.okoye@northwind.example"})
	v.app = v.agency.AddIntegration("Interviews", redirectURL)
	return v
}

// config is that of a client of one user who has not signed in yet.
func (v *vendor) config() api.Config {
	return api.Config{
		BaseURL: v.BaseURL(), AuthorizeURL: v.AuthorizeURL(), TokenURL: v.TokenURL(),
		ClientID: v.app.ClientID, ClientSecret: v.app.ClientSecret, RedirectURL: redirectURL,
		HTTPClient: v.Client(), Tokens: &store{}, PerSecond: 1000,
	}
}

func (v *vendor) client(t *testing.T, cfg api.Config) *api.Client {
	t.Helper()
	c, err := api.New(cfg)
	require.NoError(t, err)
	return c
}

// signedIn is a client of a user who has consented.
func (v *vendor) signedIn(t *testing.T, u *topechelontest.User, change ...func(*api.Config)) *api.Client {
	t.Helper()
	cfg := v.config()
	for _, f := range change {
		f(&cfg)
	}
	c := v.client(t, cfg)
	require.NoError(t, c.Exchange(t.Context(), v.code(t, c, u), verifier))
	return c
}

const verifier = "a-verifier-of-at-least-forty-three-characters"

// code plays the user at the consent page and returns the code that comes back.
func (v *vendor) code(t *testing.T, c *api.Client, u *topechelontest.User) string {
	t.Helper()
	page, err := c.ConsentURL("state-1", verifier)
	require.NoError(t, err)
	back, err := u.Allow(page)
	require.NoError(t, err)
	q := query(t, back)
	require.Equal(t, "state-1", q.Get("state"))
	return q.Get("code")
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.Query()
}

// clean demands that nothing was asked for that does not exist.
func (v *vendor) clean(t *testing.T) {
	t.Helper()
	require.Empty(t, v.Violations())
}

func maya(v *vendor) *topechelontest.Person {
	return v.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya", LastName: "Okafor", Emails: []topechelontest.Email{
		{Address: "maya@old.example"}, {Address: "maya.okafor@mail.example", Primary: true, DoNotEmail: true},
	}})
}

func TestThePeopleOfAUser(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := maya(v)
	c := v.signedIn(t, v.ana)

	page, err := c.People.Search(t.Context(), api.PersonSearch{Keyword: "okafor"}, 1)
	require.NoError(t, err)
	require.Equal(t, &api.Page[api.Person]{
		Items: []api.Person{{ID: p.ID, Name: "Maya Okafor", Emails: []api.Email{
			{Address: "maya@old.example"}, {Address: "maya.okafor@mail.example", Primary: true, DoNotEmail: true},
		}}},
		Number: 1, Pages: 1, Total: 1,
	}, page)
	v.clean(t)
}

func TestAJobHasATitleWhateverItsMemberIsCalled(t *testing.T) {
	t.Parallel()
	for _, member := range []string{"position_title", "title", "name"} {
		v := newVendor(t, topechelontest.WithJobTitleAs(member))
		j := v.agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer", City: "Akron", State: "OH"})
		job, err := v.signedIn(t, v.ana).Jobs.Get(t.Context(), j.ID)
		require.NoError(t, err)
		require.Equal(t, &api.Job{ID: j.ID, Title: "Controls Engineer", City: "Akron", State: "OH"}, job)
		v.clean(t)
	}
}

func TestFilesAreAttachedAsTheyAre(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := maya(v)
	c := v.signedIn(t, v.ana)
	require.NoError(t, c.People.Attach(t.Context(), p.ID, "spark-hire-0f6d.txt", []byte("Controls Engineer\n")))
	files := v.agency.Attachments(p.ID)
	require.Len(t, files, 1)
	require.Equal(t, "spark-hire-0f6d.txt", files[0].FileName)
	require.Equal(t, "Controls Engineer\n", string(files[0].Content))
	require.Equal(t, v.ana.ID, files[0].User)
	v.clean(t)
}

func TestAHotlistIsFoundMadeAndFilled(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusCreated} {
		v := newVendor(t, topechelontest.WithHotlistCreatedAs(status))
		p := maya(v)
		c := v.signedIn(t, v.ana)
		ctx := t.Context()

		_, found, err := c.Hotlists.Find(ctx, "Spark Hire – completed")
		require.NoError(t, err)
		require.False(t, found)
		made, err := c.Hotlists.Create(ctx, "Spark Hire – completed", true)
		require.NoError(t, err)
		list, found, err := c.Hotlists.Find(ctx, "Spark Hire – completed")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, made.ID, list.ID)

		require.NoError(t, c.Hotlists.AddRecord(ctx, list.ID, p.ID))
		require.Equal(t, []string{p.ID}, collect(t, c.Hotlists.Records(ctx, list.ID)))
		require.Equal(t, []topechelontest.Hotlist{{
			ID: list.ID, Name: "Spark Hire – completed", Shared: true, Owner: v.ana.ID, Records: []string{p.ID}, Adds: 1,
		}}, v.agency.Hotlists())
		v.clean(t)
	}
}

// read returns what is left of a body.
func read(t *testing.T, body io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	return string(text)
}
