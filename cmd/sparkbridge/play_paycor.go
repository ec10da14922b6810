package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/internal/client"
	"github.com/sparkbridge/sparkbridge/internal/config"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// The zone of the company, in which its dates are meant, and its people.
const (
	paycorZone  = "America/Chicago"
	paycorAdmin = 910001
	paycorTove  = 910233
	paycorSam   = 910234
)

// simulatedPaycor is Paycor with a company, and the recruiting product that shows
// its candidates.
type simulatedPaycor struct {
	spark   *simulatedSparkHire
	backend recruitingBackend
	server  *paycortest.Server
	host    *paycortest.Host

	app       *paycortest.Application
	account   *paycortest.Account
	tenant    string
	job       *paycortest.Job
	toveThere sparkhiretest.User // Tove at Spark Hire

	ada, tove, sam actor // an administrator, a recruiter, and one without a key

	connection string // empty until the first story
	played     int
}

func newSimulatedPaycor(on stage) (simulatedATS, error) {
	api, err := on.listen()
	if err != nil {
		return nil, err
	}
	host, err := on.listen()
	if err != nil {
		return nil, errors.Join(err, api.Close())
	}
	s := &simulatedPaycor{
		spark: on.spark, backend: recruitingBackend{on.service, on.token},
		server: paycortest.NewServer(paycortest.WithListener(api), paycortest.WithSeed(4)),
		host:   paycortest.NewHost(paycortest.WithListener(host), paycortest.WithSeed(5)),
	}
	entity := s.server.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200})
	s.account = entity.AddAccount(paycortest.AccountConfig{Title: "Harbor Lane Foods"})
	s.tenant = fmt.Sprintf("%d/%s", entity.ID(), s.account.ID())
	s.job = s.account.AddJob(paycortest.JobConfig{Title: "Shift Supervisor", City: "Duluth"})
	s.app = s.server.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{on.service + "/oauth/paycor/callback"}})
	s.host.Front(s.server)
	s.host.AllowEveryone()
	person := func(id int32, name string, admin bool) actor {
		return actor{credential: s.host.AddUser(paycortest.UserConfig{ID: id, Name: name, Administrator: admin})}
	}
	s.ada, s.tove, s.sam = person(paycorAdmin, "Ada Admin", true), person(paycorTove, "Tove Lindqvist", false), person(paycorSam, "Sam Okoro", false)
	s.toveThere = on.spark.AddUser(sparkhiretest.User{Name: "Tove Lindqvist", Email: "tove@harborlane.example"})
	return s, nil
}

// Name implements [simulatedATS].
func (s *simulatedPaycor) Name() string { return "Paycor" }

// Close implements [simulatedATS].
func (s *simulatedPaycor) Close() {
	s.server.Close()
	s.host.Close()
}

// Configure implements [simulatedATS].
func (s *simulatedPaycor) Configure(c *config.Config) []string {
	p := &c.Paycor
	p.Enabled = true
	p.HostURL, p.HostToken = s.host.URL, config.Secret(s.host.Token())
	p.APIURL, p.AuthorizeURL = s.server.URL, s.server.AuthorizeURL()
	p.SubscriptionKey, p.Scope = config.Secret(s.app.SubscriptionKey()), s.app.Scope()
	p.ClientID, p.ClientSecret = s.app.ClientID(), config.Secret(s.app.ClientSecret())
	return []string{
		"paycor:", "  enabled: true",
		"  host_url: " + strconv.Quote(p.HostURL), "  host_token: " + strconv.Quote(s.host.Token()),
		"  api_url: " + strconv.Quote(p.APIURL), "  authorize_url: " + strconv.Quote(p.AuthorizeURL),
		"  subscription_key: " + strconv.Quote(s.app.SubscriptionKey()),
		"  client_id: " + strconv.Quote(p.ClientID), "  client_secret: " + strconv.Quote(s.app.ClientSecret()),
		"  scope: " + strconv.Quote(p.Scope),
	}
}

// About implements [simulatedATS].
func (s *simulatedPaycor) About() []string {
	return []string{
		"API at " + s.server.URL + ", host with newsfeed and tab at " + s.host.URL,
		"tenant " + s.tenant + " (Harbor Lane Foods), job " + s.job.ID() + " (Shift Supervisor)",
		fmt.Sprintf("administrator %d, credential %s", paycorAdmin, s.ada.credential),
		fmt.Sprintf("recruiter %d (Tove Lindqvist), credential %s, Spark Hire key %s", paycorTove, s.tove.credential, s.toveThere.Key),
		fmt.Sprintf("user %d (Sam Okoro), credential %s, without a key", paycorSam, s.sam.credential),
	}
}

// Play implements [simulatedATS].
func (s *simulatedPaycor) Play(ctx context.Context, service string, t *timeline) error {
	s.backend.service = service
	if s.connection == "" {
		connection, err := s.connect(ctx, t)
		if err != nil {
			return err
		}
		s.connection = connection
	}
	s.played++
	email := fmt.Sprintf("maya.okafor.%d@mail.example", s.played)
	maya := s.job.AddCandidate(paycortest.CandidateConfig{ID: strings.ToLower(unique()), FirstName: "Maya", LastName: "Okafor", Email: email})
	i, err := s.request(ctx, maya, email, t)
	if err != nil {
		return err
	}
	if err := s.shows(ctx, maya, "requested", t); err != nil {
		return err
	}
	interview, err := s.spark.invited(email)
	if err != nil {
		return err
	}
	t.say("Spark Hire", "has invited Maya Okafor by e-mail, once")
	if err := s.spark.Accept(interview); err != nil {
		return err
	}
	t.say("Maya Okafor", "accepts")
	if err := s.shows(ctx, maya, "accepted", t); err != nil {
		return err
	}
	if err := s.spark.Complete(interview); err != nil {
		return err
	}
	t.say("Maya Okafor", "records the answers and submits")
	if err := s.shows(ctx, maya, "completed", t); err != nil {
		return err
	}
	var recording struct{ URL, Kind string }
	if err := s.backend.call(ctx, s.sam, http.MethodGet, "/interviews/"+url.PathEscape(i.ID)+"/recording", "", nil, &recording); err != nil {
		return err
	}
	if recording.Kind != "share_link" {
		return fmt.Errorf("the recording is a %q, not a share link", recording.Kind)
	}
	t.say("Sam Okoro", "watches %s, without an account at Spark Hire", recording.URL)
	return nil
}

// connect does what an administrator does once, and what a recruiter does for a job.
func (s *simulatedPaycor) connect(ctx context.Context, t *timeline) (string, error) {
	id, err := s.backend.connect(ctx, actor{id: strconv.Itoa(paycorAdmin), admin: true}, paycor.Name, s.tenant, map[string]any{
		"name": "Harbor Lane Foods", "time_zone": paycorZone,
		"settings": map[string]any{"feature_enabled": true},
	})
	if err != nil {
		return "", err
	}
	t.say("Paycor", "Harbor Lane Foods is connected: POST /connections")
	path := client.Path("connections", id)
	tove := strconv.Itoa(paycorTove)
	if err := s.backend.call(ctx, s.ada, http.MethodPut, path+"/users/"+tove, "",
		map[string]any{"name": "Tove Lindqvist", "email": s.toveThere.Email, "api_key": s.toveThere.Key}, nil); err != nil {
		return "", err
	}
	t.say("Ada Admin", "links Tove Lindqvist with her Spark Hire key: PUT …/users/%s", tove)
	if err := s.backend.call(ctx, s.ada, http.MethodPatch, path, "", map[string]any{"primary_user": tove, "enabled": true}, nil); err != nil {
		return "", err
	}
	t.say("Ada Admin", "makes her the primary user and switches the integration on: PATCH /connections/…")
	if err := s.backend.authorize(ctx, s.ada, paycor.Name, id, func(page string) (string, error) { return s.server.Consent(page) }); err != nil {
		return "", fmt.Errorf("sign in at Paycor: %w", err)
	}
	var jobs struct{ Items []struct{ ID, Title string } }
	if err := s.backend.call(ctx, s.tove, http.MethodGet, path+"/jobs", "", nil, &jobs); err != nil {
		return "", err
	}
	if len(jobs.Items) != 1 || jobs.Items[0].ID != s.job.ID() {
		return "", fmt.Errorf("the service reads %d jobs at Paycor, not the one that there is", len(jobs.Items))
	}
	t.say("Ada Admin", "lets the service read Paycor's records: GET /oauth/paycor/start; it sees the job %q", jobs.Items[0].Title)
	if err := s.backend.call(ctx, s.tove, http.MethodPut, path+client.Path("job-links", s.job.ID()), "",
		map[string]any{"spark_hire_job_id": s.spark.job.ID, "question_set_id": s.spark.questions.ID}, nil); err != nil {
		return "", err
	}
	t.say("Tove Lindqvist", "links it to %q and its question set %q: PUT …/job-links/…", s.spark.job.Title, s.spark.questions.Name)
	return id, nil
}

// request asks for an interview on the candidate's tab.
func (s *simulatedPaycor) request(ctx context.Context, c *paycortest.Candidate, email string, t *timeline) (client.Interview, error) {
	var i client.Interview
	expires, err := paycor.ProposedExpiry(time.Now(), paycorZone)
	if err != nil {
		return i, err
	}
	err = s.backend.call(ctx, s.tove, http.MethodPost, client.Path("connections", s.connection, "interviews"), unique(), map[string]any{
		"candidate": map[string]any{"id": c.ID(), "first_name": "Maya", "last_name": "Okafor", "email": email},
		"job":       map[string]any{"id": s.job.ID(), "title": "Shift Supervisor"},
		"due":       map[string]any{"date": expires.String()},
	}, &i)
	if err == nil {
		t.say("Tove Lindqvist", "requests a video interview of Maya Okafor, until the end of %s: POST …/interviews, answered %s", expires, i.State)
	}
	return i, err
}

// shows waits until the candidate's tab shows the state, and reads what the newsfeed
// says about it.
func (s *simulatedPaycor) shows(ctx context.Context, c *paycortest.Candidate, state string, t *timeline) error {
	var tab paycortest.TabState
	var news []paycortest.NewsfeedItem
	about := func(item paycortest.NewsfeedItem) bool { return item.Kind == "video_interview."+state }
	err := eventually(ctx, "the tab shows "+state, func() bool {
		tab, _ = s.host.Tab(c.Ref())
		news = s.host.Newsfeed(c.Ref())
		return tab.State == state && slices.ContainsFunc(news, about)
	})
	if err != nil {
		return err
	}
	t.say("Paycor", "shows %q on the tab, and in the newsfeed %q", tab.Label, news[slices.IndexFunc(news, about)].Text)
	return nil
}
