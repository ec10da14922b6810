package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// play tells the story. Every person in it is invented.
func play(ctx context.Context, t *timeline, version string, logTo io.Writer) (err error) {
	t.plain("A recruiter moves a candidate in Teamtailor; Spark Hire does the interview.")
	t.plain("")

	sh := sparkhiretest.NewServer(sparkhiretest.WithDeterministicIDs())
	defer sh.Close()
	organization := sh.AddUser(sparkhiretest.User{Name: "Ines Admin", Email: "ines@care.example", Role: sparkhiretest.Admin})
	asha := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	nurse := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse, Lund", Address: "Lund, Sweden"})
	questions := sh.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})

	tt := teamtailortest.NewServer()
	defer tt.Close() //nolint:contextcheck // it ends with the story, not with a context
	partner := tt.RegisterPartner(teamtailortest.PartnerConfig{DynamicActivation: true})

	service, err := startService(ctx, partner, tt, sh, logTo)
	if err != nil {
		return fmt.Errorf("start the service: %w", err)
	}
	defer func() { err = errors.Join(err, service.stop()) }()
	partner.SetBaseURL(service.url + "/teamtailor")
	t.say("Sparkbridge", "serves on %s, ledger in SQLite", service.url)

	// The administrator pastes the Spark Hire keys once. On API v2.0 each is the
	// account's client together with the person's e-mail address.
	key := func(u sparkhiretest.User) string { return u.Key }
	if version == "v2" {
		client := sh.AddCredentials(sparkhiretest.Credentials{})
		key = func(u sparkhiretest.User) string {
			return bridge.MeetKey(client.ClientID, ats.Secret(client.ClientSecret), u.Email).Reveal()
		}
	}
	company := tt.AddCompany(teamtailortest.CompanyConfig{Name: "Example Care AB"})
	activation, err := partner.Activate(ctx, company, teamtailortest.Values{
		"apiKeys": "Organization: " + key(organization) + "\nAsha Lind: " + key(asha),
	})
	if err != nil {
		return fmt.Errorf("activate: %w", err)
	}
	if err := activation.Validate(ctx); err != nil {
		return fmt.Errorf("validate: %w", err)
	}
	if err := activation.FinishInstallation(); err != nil {
		return fmt.Errorf("finish installation: %w", err)
	}
	t.say("Teamtailor", "%s activates Spark Hire; both keys are accepted", company.Name)

	// A recruiter puts the trigger on a stage.
	user := company.AddUser(teamtailortest.UserConfig{Name: "Asha Lind", Email: "asha@care.example"})
	job := company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse", Stages: []string{"Video interview"}, Recruiter: user})
	stage := job.Stage("Video interview")
	if _, err := activation.SaveTrigger(ctx, stage, user, teamtailortest.Choices{
		"recruiter": "asha-lind", "interview-type": "one_way", "job": nurse.ID,
		"timezone": "Europe/Stockholm", "question-set": questions.ID,
	}); err != nil {
		return fmt.Errorf("save the trigger: %w", err)
	}
	t.say("Teamtailor", "Asha Lind puts %q on the stage %q", "Create Spark Hire Interview", stage.Name)

	candidate := company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Mira", LastName: "Falk", Email: "mira.falk@mail.example"})
	due := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	if err := errors.Join(candidate.SetField("interview-date", due), candidate.SetField("interview-time", "14:30")); err != nil {
		return fmt.Errorf("set custom fields: %w", err)
	}
	t.say("Teamtailor", "Mira Falk has Interview date %s and Interview time 14:30", due)

	// The moment that matters.
	deliveries, err := tt.MoveCandidate(ctx, candidate, stage, teamtailortest.By(user))
	if err != nil {
		return fmt.Errorf("move the candidate: %w", err)
	}
	if len(deliveries) != 1 || deliveries[0].Status != 200 {
		return fmt.Errorf("the trigger was not accepted: %+v", deliveries)
	}
	t.say("Teamtailor", "Asha Lind moves Mira Falk to %q; the trigger fires", stage.Name)
	t.say("Sparkbridge", "has stored the request and answered %d", deliveries[0].Status)

	card, err := tt.AwaitCard(ctx, candidate, func(c teamtailortest.Card) bool { return c.Status == "sent" })
	if err != nil {
		return fmt.Errorf("wait for the invitation: %w", err)
	}
	invitations := sh.InvitationsTo("mira.falk@mail.example")
	if len(invitations) != 1 {
		return fmt.Errorf("%d invitations were sent, not one", len(invitations))
	}
	t.say("Spark Hire", "invites Mira Falk by e-mail, once")
	t.say("Teamtailor", "%s", shown(card))

	// With the first trigger the company's connection, and so its address, is there.
	if version == "v2" {
		if err := enterWebhook(ctx, service.engine, sh); err != nil {
			return fmt.Errorf("enter the webhook: %w", err)
		}
		t.say("Spark Hire", "knows where to send its webhooks: an administrator enters the address and a secret")
	}

	interview := invitations[0].InterviewID
	if err := sh.Accept(interview); err != nil {
		return err
	}
	t.say("Mira Falk", "accepts the interview")
	if card, err = tt.AwaitCard(ctx, candidate, func(c teamtailortest.Card) bool { return c.Status == "pending" }); err != nil {
		return fmt.Errorf("wait for the acceptance: %w", err)
	}
	t.say("Teamtailor", "%s", shown(card))

	if err := sh.Complete(interview); err != nil {
		return err
	}
	t.say("Mira Falk", "records the answers and submits")
	if card, err = tt.AwaitCard(ctx, candidate, func(c teamtailortest.Card) bool { return c.Status == "completed" }); err != nil {
		return fmt.Errorf("wait for the result: %w", err)
	}
	t.say("Teamtailor", "%s", shown(card))
	t.say("Teamtailor", "  watch: %s", card.URL)
	for _, a := range card.Attachments {
		t.say("Teamtailor", "  %s: %s", strings.ToLower(a.Description), a.URL)
	}
	t.plain("")
	t.plain("One trigger, one invitation, one result on the card.")
	return nil
}

// enterWebhook tells Spark Hire and Sparkbridge of each other. API v2.0 has no call
// for it: a person enters the address and a secret of their own on Spark Hire's
// settings page, and the secret here.
func enterWebhook(ctx context.Context, engine *bridge.Bridge, sh *sparkhiretest.Server) error {
	const secret = "a secret of one's own"
	connections, err := engine.Connections(ctx, teamtailor.Name)
	if err != nil {
		return err
	}
	if len(connections) == 0 {
		return errors.New("there is no connection yet")
	}
	for _, c := range connections {
		access := bridge.Access{WebhookSecrets: &[]ats.Secret{secret}}
		if _, err := engine.UpdateConnection(ctx, c.ID, ats.User{ID: "admin"}, access, func(*store.Connection) error { return nil }); err != nil {
			return err
		}
		sh.AddMeetWebhook(engine.WebhookURL(c.ID), secret)
	}
	return nil
}

func shown(c teamtailortest.Card) string {
	return fmt.Sprintf("the card shows %s: %s", strings.ToUpper(c.Status), c.Summary)
}
