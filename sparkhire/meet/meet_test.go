package meet_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const (
	secret = "t0p-secret"
	ana    = "ana.ruiz@northwind.example"
)

var deadline = time.Date(2026, 3, 9, 18, 0, 0, 0, time.FixedZone("CET", 3600))

// officeT is a simulated account with an administrator, a job and a question set.
type officeT struct {
	sim      *sparkhiretest.Server
	client   *meet.Client
	job, set string
}

// newOffice answers over sockets, newQuietOffice in memory.
func newOffice(t *testing.T, opts ...sparkhiretest.Option) *officeT {
	t.Helper()
	return furnish(t, sparkhiretest.NewServer(opts...))
}

func newQuietOffice(t *testing.T, opts ...sparkhiretest.Option) *officeT {
	t.Helper()
	return furnish(t, sparkhiretest.NewUnstartedServer(opts...))
}

func furnish(t *testing.T, sim *sparkhiretest.Server) *officeT {
	t.Helper()
	t.Cleanup(sim.Close)
	o := &officeT{sim: sim}
	sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: ana, Role: sparkhiretest.Admin})
	sim.AddCredentials(sparkhiretest.Credentials{ClientID: "id-of-northwind", ClientSecret: secret})
	o.job = sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse"}).ID
	o.set = sim.AddQuestionSet(sparkhiretest.QuestionSet{
		Name: "Nursing screen", Questions: []sparkhiretest.Question{{Text: "Why this ward?"}},
	}).ID
	o.client = o.dial(t)
	return o
}

// dial returns another client of the office.
func (o *officeT) dial(t *testing.T, opts ...meet.Option) *meet.Client {
	t.Helper()
	c, err := meet.New("id-of-northwind", secret, append([]meet.Option{
		meet.WithBaseURL(o.sim.V2URL()), meet.WithHTTPClient(o.sim.Client()), meet.WithRequester(ana),
		meet.WithBackoff(time.Nanosecond, time.Nanosecond),
	}, opts...)...)
	require.NoError(t, err)
	return c
}

func (o *officeT) invitation() *meet.InviteRequest {
	return &meet.InviteRequest{
		Type: meet.TypeOneWay, JobUUID: o.job, QuestionSetUUID: o.set, DueAt: time.Now().AddDate(0, 0, 7),
		Candidate: meet.Candidate{Name: "Lena Fox", Email: "lena.fox@mail.example"},
	}
}

func lena() *meet.InviteRequest {
	return &meet.InviteRequest{
		Type: meet.TypeOneWay, JobUUID: "j", QuestionSetUUID: "s", DueAt: deadline,
		Candidate: meet.Candidate{Name: "Lena Fox", Email: "lena.fox@mail.example"},
	}
}

// serve starts a server that gives out a token and has h answer everything else.
func serve(t *testing.T, h http.HandlerFunc, opts ...meet.Option) *meet.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2.0/partners/oauth/token", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"token_type":"Bearer","expires_in":14400,"access_token":"t0ken"}`))
	})
	mux.HandleFunc("/", h)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	c, err := meet.New("id", secret, append([]meet.Option{
		meet.WithBaseURL(s.URL + "/v2.0"), meet.WithRequester(ana), meet.WithBackoff(time.Nanosecond, time.Nanosecond),
	}, opts...)...)
	require.NoError(t, err)
	return c
}

// only drops a call's result.
func only[T any](_ T, err error) error { return err }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type takeFunc func(context.Context) error

func (f takeFunc) Take(ctx context.Context) error { return f(ctx) }

var sentinels = []error{
	meet.ErrInvalid, meet.ErrUnauthorized, meet.ErrForbidden, meet.ErrNotFound, meet.ErrConflict,
	meet.ErrGone, meet.ErrRateLimited, meet.ErrUnavailable, meet.ErrNotSent, meet.ErrOutcomeUnknown,
}

// matches requires that err matches exactly the given sentinels.
func matches(t *testing.T, err error, want ...error) {
	t.Helper()
	for _, s := range sentinels {
		require.Equal(t, slices.Contains(want, s), errors.Is(err, s), "%v: %v", err, s)
	}
}
