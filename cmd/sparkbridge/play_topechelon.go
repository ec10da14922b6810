package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
	"github.com/sparkbridge/sparkbridge/internal/client"
	"github.com/sparkbridge/sparkbridge/internal/config"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// simulatedTopEchelon is Top Echelon with an agency, and the program that shows the
// agency's pipelines.
type simulatedTopEchelon struct {
	spark   *simulatedSparkHire
	backend recruitingBackend
	server  *topechelontest.Server
	host    *topechelontest.Host

	agency      *topechelontest.Agency
	integration *topechelontest.Integration
	ana         *topechelontest.User
	anaThere    sparkhiretest.User // the same person at Spark Hire
	session     actor              // Ana's
	job         *topechelontest.Job

	connection string // empty until the first story
	played     int
}

func newSimulatedTopEchelon(on stage) (simulatedATS, error) {
	api, err := on.listen()
	if err != nil {
		return nil, err
	}
	host, err := on.listen()
	if err != nil {
		return nil, errors.Join(err, api.Close())
	}
	s := &simulatedTopEchelon{
		spark: on.spark, backend: recruitingBackend{on.service, on.token},
		server: topechelontest.NewServer(topechelontest.WithListener(api), topechelontest.WithSeed(2)),
		host:   topechelontest.NewHost(topechelontest.WithListener(host), topechelontest.WithSeed(3)),
	}
	s.agency = s.server.AddAgency("Northwind Search")
	s.integration = s.agency.AddIntegration("Sparkbridge", on.service+"/oauth/topechelon/callback")
	s.ana = s.agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz", Email: "ana@northwind.example", TimeZone: "America/New_York"})
	s.anaThere = on.spark.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana@northwind.example"})
	s.session = actor{credential: s.host.SignInUser(s.ana)}
	s.job = s.agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer", City: "Duluth", State: "MN"})
	s.host.AddToPipeline(s.agency.ID, s.job.ID)
	return s, nil
}

// Name implements [simulatedATS].
func (s *simulatedTopEchelon) Name() string { return "Top Echelon" }

// Close implements [simulatedATS].
func (s *simulatedTopEchelon) Close() {
	s.server.Close()
	s.host.Close()
}

// Configure implements [simulatedATS].
func (s *simulatedTopEchelon) Configure(c *config.Config) []string {
	t := &c.TopEchelon
	t.Enabled = true
	t.HostURL, t.HostToken = s.host.URL, config.Secret(s.host.Token)
	t.APIURL, t.AuthorizeURL, t.TokenURL = s.server.BaseURL(), s.server.AuthorizeURL(), s.server.TokenURL()
	t.ClientID, t.ClientSecret = s.integration.ClientID, config.Secret(s.integration.ClientSecret)
	return []string{
		"topechelon:", "  enabled: true",
		"  host_url: " + strconv.Quote(t.HostURL), "  host_token: " + strconv.Quote(s.host.Token),
		"  api_url: " + strconv.Quote(t.APIURL), "  authorize_url: " + strconv.Quote(t.AuthorizeURL), "  token_url: " + strconv.Quote(t.TokenURL),
		"  client_id: " + strconv.Quote(t.ClientID), "  client_secret: " + strconv.Quote(s.integration.ClientSecret),
	}
}

// About implements [simulatedATS].
func (s *simulatedTopEchelon) About() []string {
	return []string{
		"API at " + s.server.BaseURL() + ", host with the pipelines at " + s.host.URL,
		"tenant " + s.agency.ID + " (" + s.agency.Name + "), job " + s.job.ID + " (" + s.job.Title + ")",
		"user " + s.ana.ID + " (" + s.ana.Name + "), credential " + s.session.credential + ", Spark Hire key " + s.anaThere.Key,
	}
}

// Play implements [simulatedATS].
func (s *simulatedTopEchelon) Play(ctx context.Context, service string, t *timeline) error {
	s.backend.service = service
	if s.connection == "" {
		connection, err := s.connect(ctx, t)
		if err != nil {
			return err
		}
		s.connection = connection
	}
	s.played++
	email := fmt.Sprintf("noor.haddad.%d@mail.example", s.played)
	noor := s.agency.AddPerson(topechelontest.PersonConfig{
		FirstName: "Noor", LastName: "Haddad", Emails: []topechelontest.Email{{Address: email, Primary: true}},
	})
	s.host.AddToPipeline(s.agency.ID, s.job.ID, noor.ID)
	i, err := s.schedule(ctx, noor, email, t)
	if err != nil {
		return err
	}

	row := topechelontest.StatusKey{AgencyID: s.agency.ID, JobID: s.job.ID, PersonID: noor.ID}
	await := func(state string) error {
		var shown topechelontest.Status
		err := eventually(ctx, "the pipeline shows "+state, func() bool {
			shown, _ = s.host.Status(row)
			return shown.State == state
		})
		if err == nil {
			t.say("Top Echelon", "shows %s in the column Interview Status", shown.Label)
		}
		return err
	}
	if err := await("invited"); err != nil {
		return err
	}
	interview, err := s.spark.invited(email)
	if err != nil {
		return err
	}
	t.say("Spark Hire", "has invited Noor Haddad by e-mail, once, with Ana Ruiz's own key")
	if err := s.spark.Accept(interview); err != nil {
		return err
	}
	t.say("Noor Haddad", "accepts")
	if err := await("accepted"); err != nil {
		return err
	}
	if err := s.spark.Complete(interview); err != nil {
		return err
	}
	t.say("Noor Haddad", "records the answers and submits")
	if err := await("completed"); err != nil {
		return err
	}
	return s.watch(ctx, i, noor, t)
}

// connect makes the agency's connection: it has no administrator and no key of its
// own, everybody pastes theirs.
func (s *simulatedTopEchelon) connect(ctx context.Context, t *timeline) (string, error) {
	id, err := s.backend.connect(ctx, actor{id: s.ana.ID}, topechelon.Name, s.agency.ID, map[string]any{
		"name": s.agency.Name, "settings": map[string]any{"attach_results": true},
	})
	if err != nil {
		return "", err
	}
	t.say("Top Echelon", "%s is connected: POST /connections", s.agency.Name)
	path := client.Path("connections", id)
	var user client.User
	if err := s.backend.call(ctx, s.session, http.MethodPut, path+client.Path("users", s.ana.ID), "",
		map[string]any{"name": s.ana.Name, "email": s.ana.Email, "api_key": s.anaThere.Key}, &user); err != nil {
		return "", err
	}
	t.say("Ana Ruiz", "pastes her own Spark Hire key, …%s: PUT …/users/%s", lastRunes(user.KeyHint, 2), s.ana.ID)
	if err := s.backend.authorize(ctx, s.session, topechelon.Name, id, s.ana.Allow); err != nil {
		return "", fmt.Errorf("sign in at Top Echelon: %w", err)
	}
	t.say("Ana Ruiz", "lets the integration write to her records: GET /oauth/topechelon/start")
	var link struct{ URL string }
	if err := s.backend.call(ctx, s.session, http.MethodPut, path+client.Path("job-links", s.job.ID), "", map[string]any{"create": map[string]any{
		"title": s.job.Title, "city": s.job.City, "region": s.job.State, "country": "US", "description": "Keeps the paper machines running.",
	}}, &link); err != nil {
		return "", err
	}
	t.say("Ana Ruiz", "sends the job %q to Spark Hire: PUT …/job-links/%s", s.job.Title, s.job.ID)
	t.say("Spark Hire", "has the job at %s", link.URL)
	return id, nil
}

// schedule asks for a one-way interview from the pipeline.
func (s *simulatedTopEchelon) schedule(ctx context.Context, p *topechelontest.Person, email string, t *timeline) (client.Interview, error) {
	due := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	var i client.Interview
	err := s.backend.call(ctx, s.session, http.MethodPost, client.Path("connections", s.connection, "interviews"), unique(), map[string]any{
		"candidate": map[string]any{"id": p.ID, "first_name": p.FirstName, "last_name": p.LastName, "email": email},
		"job":       map[string]any{"id": s.job.ID, "title": s.job.Title},
		"type":      "one_way", "question_set_id": s.spark.questions.ID,
		"due": map[string]any{"date": due, "time": "17:00"}, "message": "We look forward to meeting you.",
	}, &i)
	if err == nil {
		t.say("Ana Ruiz", "schedules Noor Haddad from the pipeline, until %s 17:00 in her time zone: POST …/interviews, answered %s", due, i.State)
	}
	return i, err
}

// watch shows where the result is.
func (s *simulatedTopEchelon) watch(ctx context.Context, i client.Interview, p *topechelontest.Person, t *timeline) error {
	var files []topechelontest.Attachment
	if err := eventually(ctx, "the person's record has a file", func() bool {
		files = s.agency.Attachments(p.ID)
		return len(files) > 0
	}); err != nil {
		return err
	}
	t.say("Top Echelon", "has the file %s on the record of Noor Haddad", files[0].FileName)
	var recording struct{ URL, Kind string }
	if err := s.backend.call(ctx, s.session, http.MethodGet, "/interviews/"+url.PathEscape(i.ID)+"/recording", "", nil, &recording); err != nil {
		return err
	}
	t.say("Ana Ruiz", "watches %s, signed in to Spark Hire", recording.URL)
	return nil
}

// lastRunes returns the end of a text.
func lastRunes(s string, n int) string {
	r := []rune(s)
	return string(r[max(0, len(r)-n):])
}
