package topechelon_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg    topechelon.Config
		fields []string // that are wrong
	}{
		"nothing is required":               {topechelon.Config{}, nil},
		"a host by its address":             {topechelon.Config{HostURL: "https://pipelines.example/te", HostToken: "token"}, nil},
		"http for a loopback address":       {topechelon.Config{HostURL: "http://127.0.0.1:8080", HostToken: "token", APIURL: "http://localhost:1/v1"}, nil},
		"a host without its token":          {topechelon.Config{HostURL: "https://pipelines.example"}, []string{"HostToken"}},
		"a token without a host":            {topechelon.Config{HostToken: "token"}, []string{"HostURL"}},
		"an embedded host needs neither":    {topechelon.Config{Host: newRecruiters(), HostURL: "https://pipelines.example"}, nil},
		"addresses that are none":           {topechelon.Config{HostURL: "pipelines", HostToken: "t", APIURL: "://", AuthorizeURL: "/a", TokenURL: "ftp://x.example"}, []string{"HostURL", "APIURL", "AuthorizeURL", "TokenURL"}},
		"http elsewhere":                    {topechelon.Config{APIURL: "http://api.example"}, []string{"APIURL"}},
		"an address with more than a path":  {topechelon.Config{APIURL: "https://me:secret@api.example/v1?x=1"}, []string{"APIURL"}},
		"a client without its secret":       {topechelon.Config{ClientID: "id"}, []string{"ClientSecret"}},
		"a secret without its client":       {topechelon.Config{ClientSecret: "secret"}, []string{"ClientID"}},
		"credentials that were copied ill":  {topechelon.Config{ClientID: "my id", ClientSecret: "sec\nret", HostURL: "https://h.example", HostToken: "tök"}, []string{"ClientID", "ClientSecret", "HostToken"}},
		"labels for states that show none":  {topechelon.Config{Labels: map[ats.State]string{ats.StateSending: "On its way", "done": "Done"}}, []string{"Labels", "Labels"}},
		"a label without a text":            {topechelon.Config{Labels: map[ats.State]string{ats.StateSent: " "}}, []string{"Labels"}},
		"less than no attempts":             {topechelon.Config{MaxAttempts: -1}, []string{"MaxAttempts"}},
		"everything that is wrong is named": {topechelon.Config{HostURL: "x", MaxAttempts: -1, ClientID: "id"}, []string{"HostURL", "HostToken", "ClientSecret", "MaxAttempts"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := topechelon.New(c.cfg)
			var fields []string
			for _, problem := range unjoin(err) {
				wrong, ok := errors.AsType[*topechelon.ConfigError](problem)
				require.True(t, ok, "got: %v", problem)
				require.NotEmpty(t, wrong.Problem)
				require.ErrorIs(t, wrong, ats.ErrInvalid)
				fields = append(fields, wrong.Field)
			}
			require.ElementsMatch(t, c.fields, fields)
			for _, secret := range []string{"secret", "sec\nret", "tök"} {
				require.NotContains(t, fmt.Sprint(err), ": "+secret)
			}
		})
	}
}

func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	labels := map[ats.State]string{ats.StateSent: "Asked"}
	w := newWorld(t, func(c *topechelon.Config) { c.Labels = labels })
	labels[ats.StateSent] = "altered"
	w.reach(w.schedule(form(), tove(), "k1"), ats.StateSent)
	require.Equal(t, "Asked", w.host.column(jobSent, maya).Label)
}

func TestLabels(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[ats.State]string{
		ats.StateSent: "Invited", ats.StateAccepted: "Accepted", ats.StateCompleted: "Completed", ats.StateExpired: "Expired",
		ats.StateCanceled: "Canceled", ats.StateFailed: "Not sent", ats.StateUnconfirmed: "Unconfirmed",
	}, topechelon.Labels())
}

func TestSettings(t *testing.T) {
	t.Parallel()
	host := topechelon.Config{HostURL: "https://pipelines.example", HostToken: "token"}
	for name, c := range map[string]struct {
		cfg      topechelon.Config
		settings string
		fields   []string
	}{
		"none":                               {topechelon.Config{}, ``, nil},
		"an address that is none":            {topechelon.Config{}, `{"api_url": "here", "host_url": "http://h.example"}`, []string{"api_url", "host_url"}},
		"a token for the deployment's host":  {host, `{"host_token": "ours"}`, nil},
		"a token and no host at all":         {topechelon.Config{}, `{"host_token": "ours"}`, []string{"host_url"}},
		"a host beside an embedded one":      {topechelon.Config{Host: newRecruiters()}, `{"host_url": "https://h.example"}`, []string{"host_url"}},
		"a secret without a client":          {topechelon.Config{}, `{"client_secret": "s"}`, []string{"client_id"}},
		"a secret that was copied ill":       {topechelon.Config{ClientID: "id", ClientSecret: "s"}, `{"client_secret": "a b"}`, []string{"client_secret"}},
		"unknown names and kinds, all named": {topechelon.Config{}, `{"hotlist": true, "attach_results": "yes"}`, []string{"hotlist", "attach_results"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := topechelon.New(c.cfg)
			require.NoError(t, err)
			err = a.CheckSettings(ats.Connection{ID: "c1", Settings: json.RawMessage(c.settings)})
			if c.fields == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ats.ErrInvalid)
			for _, field := range c.fields {
				require.ErrorContains(t, err, "settings."+field+":")
			}
			require.NotContains(t, err.Error(), "a b")
		})
	}
}

func TestNothingPersonalIsPrinted(t *testing.T) {
	t.Parallel()
	f := form()
	f.Message = "Dear Maya"
	printed := fmt.Sprintf("%v %v %v %v %v",
		f, newRecruitersActor(), newRecruitersActor().LogValue(),
		topechelon.InterviewStatus{InterviewID: "iv-1", ResultURL: "https://share.example/1"},
		topechelon.InterviewStatus{InterviewID: "iv-1", ResultURL: "https://share.example/1"}.LogValue())
	for _, private := range []string{"Maya", "Tove", "tove@", "share.example"} {
		require.NotContains(t, printed, private)
	}
	logged := topechelon.Config{HostURL: "https://h.example", HostToken: "host-token", ClientID: "id", ClientSecret: "client-secret"}.LogValue().String()
	require.NotContains(t, logged, "host-token")
	require.NotContains(t, logged, "client-secret")
}

func newRecruitersActor() topechelon.Actor {
	return topechelon.Actor{UserRef: topechelon.UserRef{AgencyID: "ag-12", UserID: "u1"}, Name: "Tove", Email: "tove@agency.example"}
}
