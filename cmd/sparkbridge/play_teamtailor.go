package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/internal/config"
)

// simulatedTeamtailor is Teamtailor with a company that wants interviews.
type simulatedTeamtailor struct {
	spark   *simulatedSparkHire
	server  *teamtailortest.Server
	partner *teamtailortest.Partner
	company *teamtailortest.Company
	user    *teamtailortest.User
	stage   *teamtailortest.Stage

	active *teamtailortest.Activation // nil until the first story
	played int
}

func newSimulatedTeamtailor(on stage) (simulatedATS, error) {
	listener, err := on.listen()
	if err != nil {
		return nil, err
	}
	s := &simulatedTeamtailor{spark: on.spark, server: teamtailortest.NewServer(teamtailortest.WithListener(listener), teamtailortest.WithSeed(1))}
	s.partner = s.server.RegisterPartner(teamtailortest.PartnerConfig{DynamicActivation: true})
	s.company = s.server.AddCompany(teamtailortest.CompanyConfig{Name: "Example Care AB"})
	s.user = s.company.AddUser(teamtailortest.UserConfig{Name: "Asha Lind", Email: "asha@care.example"})
	job := s.company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse", Stages: []string{"Video interview"}, Recruiter: s.user})
	s.stage = job.Stage("Video interview")
	return s, nil
}

// Name implements [simulatedATS].
func (s *simulatedTeamtailor) Name() string { return "Teamtailor" }

// Close implements [simulatedATS].
func (s *simulatedTeamtailor) Close() { s.server.Close() }

// Configure implements [simulatedATS].
func (s *simulatedTeamtailor) Configure(c *config.Config) []string {
	c.Teamtailor.Enabled = true
	c.Teamtailor.PartnerAPIKey = config.PerStack{"": config.Secret(s.partner.APIKey())}
	c.Teamtailor.WebhookSecret = config.PerStack{"": config.Secret(s.partner.WebhookSecret())}
	c.Teamtailor.APIURLs = []string{s.server.URL}
	return []string{
		"teamtailor:", "  enabled: true",
		"  partner_api_key: " + strconv.Quote(s.partner.APIKey()),
		"  webhook_secret: " + strconv.Quote(s.partner.WebhookSecret()),
		"  api_urls: [" + strconv.Quote(s.server.URL) + "]",
	}
}

// About implements [simulatedATS].
func (s *simulatedTeamtailor) About() []string {
	return []string{
		"API at " + s.server.URL + ", company " + s.company.Name,
		"the integration answers below /teamtailor of the service",
	}
}

// Play implements [simulatedATS].
func (s *simulatedTeamtailor) Play(ctx context.Context, service string, t *timeline) error {
	if err := s.activate(ctx, service, t); err != nil {
		return err
	}
	s.played++
	email := fmt.Sprintf("mira.falk.%d@mail.example", s.played)
	mira := s.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Mira", LastName: "Falk", Email: email})
	due := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	if err := errors.Join(mira.SetField("interview-date", due), mira.SetField("interview-time", "14:30")); err != nil {
		return fmt.Errorf("set the deadline: %w", err)
	}
	sent, err := s.server.MoveCandidate(ctx, mira, s.stage, teamtailortest.By(s.user))
	if err != nil {
		return fmt.Errorf("move the candidate: %w", err)
	}
	if len(sent) != 1 || sent[0].Status != 200 {
		return errors.New("the service did not accept the trigger")
	}
	t.say("Asha Lind", "moves Mira Falk to %q; the service has stored the request", s.stage.Name)

	await := func(status string) (teamtailortest.Card, error) {
		card, err := s.server.AwaitCard(ctx, mira, func(c teamtailortest.Card) bool { return c.Status == status })
		if err != nil {
			return card, fmt.Errorf("wait until the card is %s: %w", status, err)
		}
		t.say("Teamtailor", "shows %s on the card: %s", strings.ToUpper(status), card.Summary)
		return card, nil
	}
	if _, err := await("sent"); err != nil {
		return err
	}
	interview, err := s.spark.invited(email)
	if err != nil {
		return err
	}
	t.say("Spark Hire", "has invited Mira Falk by e-mail, once")
	if err := s.spark.Accept(interview); err != nil {
		return err
	}
	t.say("Mira Falk", "accepts")
	if _, err := await("pending"); err != nil {
		return err
	}
	if err := s.spark.Complete(interview); err != nil {
		return err
	}
	t.say("Mira Falk", "records the answers and submits")
	card, err := await("completed")
	if err != nil {
		return err
	}
	t.say("Asha Lind", "watches %s", card.URL)
	return nil
}

// activate makes the company install the integration, once.
func (s *simulatedTeamtailor) activate(ctx context.Context, service string, t *timeline) error {
	if s.active != nil {
		return nil
	}
	s.partner.SetBaseURL(service + "/teamtailor")
	active, err := s.partner.Activate(ctx, s.company, teamtailortest.Values{
		"apiKeys": "Organization: " + s.spark.organization.Key + "\nAsha Lind: " + s.spark.recruiter.Key,
	})
	if err == nil {
		err = active.Validate(ctx)
	}
	if err == nil {
		err = active.FinishInstallation()
	}
	if err != nil {
		return fmt.Errorf("activate the integration: %w", err)
	}
	t.say("Teamtailor", "%s activates Spark Hire; both keys are accepted", s.company.Name)
	_, err = active.SaveTrigger(ctx, s.stage, s.user, teamtailortest.Choices{
		"recruiter": "asha-lind", "interview-type": "one_way", "job": s.spark.job.ID,
		"timezone": "Europe/Stockholm", "question-set": s.spark.questions.ID,
	})
	if err != nil {
		return fmt.Errorf("save the trigger: %w", err)
	}
	t.say("Asha Lind", "puts the trigger on the stage %q", s.stage.Name)
	s.active = active
	return nil
}
