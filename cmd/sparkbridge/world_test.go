package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// patience bounds everything that a test waits for. Nothing comes near it unless
// something is broken.
const patience = 100 * time.Second

// appURL is where people would watch interviews.
const appURL = "https://app.sparkhire.example"

// world is the program between simulators of both vendors, over sockets. The
// vendors reach it through a front door whose address stays the same when it is
// started again; it reaches Spark Hire through a door as well.
type world struct {
	*testing.T
	ctx context.Context

	dir     string
	set     []string // keys of the configuration, as flags
	environ []string
	direct  bool
	running *process
	all     []*process // that ever ran

	spark   *sparkhiretest.Server
	toSpark *door
	tt      *teamtailortest.Server
	front   *door
	lane    *lane

	partner *teamtailortest.Partner
	company *teamtailortest.Company
	active  *teamtailortest.Activation
	user    *teamtailortest.User
	job     *teamtailortest.Job
	stage   *teamtailortest.Stage

	admin, asha sparkhiretest.User
	nurse       sparkhiretest.Job
	questions   sparkhiretest.QuestionSet

	personal []string // must not be in any log
}

// setup changes what a world is made of.
type setup struct {
	set     []string // keys of the configuration, key=value
	environ []string
	vendor  []teamtailortest.Option
	direct  bool // the vendors know the program's own address
	idle    bool // the program is not started
}

// newWorld starts everything; the company has not installed the integration yet.
func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), set: s.set, environ: s.environ, direct: s.direct, lane: newLane()}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	w.ctx = ctx

	w.spark = sparkhiretest.NewServer()
	t.Cleanup(w.spark.Close)
	w.toSpark = newDoor(w.spark.Handler())
	t.Cleanup(w.toSpark.Close)
	w.front = newDoor(w.lane)
	t.Cleanup(w.front.Close)
	w.tt = teamtailortest.NewServer(s.vendor...)
	t.Cleanup(w.tt.Close)

	w.admin = w.spark.AddUser(sparkhiretest.User{Name: "Ines Administradora", Email: "ines@care.example", Role: sparkhiretest.Admin})
	w.asha = w.spark.AddUser(sparkhiretest.User{Name: "Asha Lindqvist", Email: "asha@care.example"})
	w.nurse = w.spark.AddJob(sparkhiretest.Job{Title: "Ward nurse, Lund", Address: "Lund, Sweden"})
	w.questions = w.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})

	// The program serves its own activation form, as it does in life.
	w.partner = w.tt.RegisterPartner(teamtailortest.PartnerConfig{DynamicActivation: true, AllowBulk: true})
	w.partner.SetBaseURL(w.front.URL + "/teamtailor")
	w.company = w.tt.AddCompany(teamtailortest.CompanyConfig{Name: "Example Care AB"})
	w.user = w.company.AddUser(teamtailortest.UserConfig{Name: "Asha Lindqvist", Email: "asha@care.example"})
	w.job = w.company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse", Stages: []string{"Video interview"}, Recruiter: w.user})
	w.stage = w.job.Stage("Video interview")
	w.private(w.partner.APIKey(), w.partner.WebhookSecret(), w.company.APIToken(),
		w.admin.Key, "Administradora", w.admin.Email, w.asha.Key, "Lindqvist", w.asha.Email)

	w.writeConfig()
	if !s.idle {
		w.start()
	}
	return w
}

// newCompanyWorld is a world in which the company has the integration, and a
// trigger for one-way interviews on the stage.
func newCompanyWorld(t *testing.T, s setup) *world {
	t.Helper()
	w := newWorld(t, s)
	w.install()
	w.saveTrigger(w.stage, nil)
	return w
}

// writeConfig writes the configuration file. The times are short; what depends on
// them is the same.
func (w *world) writeConfig() {
	w.Helper()
	public := w.front.URL
	if w.direct {
		public = ""
	}
	text := fmt.Sprintf(`# what an operator would write
listen: 127.0.0.1:0
public_url: %q
database: %q
key_file: %q
log: {level: debug}
sparkhire:
  v1_url: %s/v1.0
  app_url: %s
  request_timeout: 2500ms
  settle_time: 3s
  sweep_interval: 2s
teamtailor:
  enabled: true
  partner_api_key: %s
  webhook_secret: %s
  api_urls: [%q]
`, public, "sqlite:"+w.database(), w.keyFile(), w.toSpark.URL, appURL, w.partner.APIKey(), w.partner.WebhookSecret(), w.tt.URL)
	require.NoError(w, os.WriteFile(w.configFile(), []byte(text), 0o600))
}

func (w *world) configFile() string { return filepath.Join(w.dir, "sparkbridge.yaml") }
func (w *world) database() string   { return filepath.Join(w.dir, "ledger.db") }
func (w *world) keyFile() string    { return filepath.Join(w.dir, "ledger.key") }

// args are those of a command that works with the configuration.
func (w *world) args(command ...string) []string {
	args := append(slices.Clone(command), "--config", w.configFile())
	for _, s := range w.set {
		args = append(args, "--set", s)
	}
	return args
}

// launch starts the program without waiting for it.
func (w *world) launch() *process {
	w.Helper()
	w.running = launch(w.T, w.environ, w.args("serve")...)
	w.all = append(w.all, w.running)
	return w.running
}

// start starts the program and leads the vendors to it.
func (w *world) start() {
	w.Helper()
	address := w.launch().url(w.ctx, w.T)
	to, err := url.Parse(address)
	require.NoError(w, err)
	w.lane.lead(to)
	if w.direct {
		w.partner.SetBaseURL(address + "/teamtailor")
	}
}

// kill ends the program as kill -9 does.
func (w *world) kill() {
	w.lane.lead(nil)
	w.running.kill()
}

// stop ends the program in an orderly way.
func (w *world) stop() {
	w.Helper()
	w.running.terminate(w.T)
	require.Zero(w, w.running.wait(w.ctx, w.T), "exit status; log:\n%s", w.running.output())
	w.lane.lead(nil)
}

// get asks the program itself.
func (w *world) get(path string) (status int, body string) {
	w.Helper()
	return fetch(w.T, w.running.url(w.ctx, w.T)+path)
}

// install is what the company's administrator does.
func (w *world) install() {
	w.Helper()
	keys := teamtailortest.Values{"apiKeys": "Organization: " + w.admin.Key + "\n\nAsha Lindqvist: " + w.asha.Key}
	var err error
	w.active, err = w.partner.Activate(w.ctx, w.company, keys)
	w.again(err, "Validate again", func() error { return w.active.Validate(w.ctx) })
	require.NoError(w, w.active.FinishInstallation())
	w.private(w.active.ProviderKey())
}

// choices are what a recruiter fills in for a one-way interview.
func (w *world) choices() teamtailortest.Choices {
	return teamtailortest.Choices{
		"recruiter": "asha-lindqvist", "interview-type": "one_way", "job": w.nurse.ID,
		"timezone": "Europe/Stockholm", "question-set": w.questions.ID,
	}
}

// saveTrigger puts a trigger on a stage; nil are the usual choices.
func (w *world) saveTrigger(stage *teamtailortest.Stage, choices teamtailortest.Choices) {
	w.Helper()
	if choices == nil {
		choices = w.choices()
	}
	save := func() error {
		_, err := w.active.SaveTrigger(w.ctx, stage, w.user, choices)
		return err
	}
	w.again(save(), "the form has no field", save)
}

// again does what a person does who is told that Spark Hire did not answer in
// time, which happens on a machine that is very busy.
func (w *world) again(err error, told string, do func() error) {
	w.Helper()
	for w.ctx.Err() == nil && err != nil && strings.Contains(err.Error(), told) {
		err = do()
	}
	require.NoError(w, err, "log:\n%s", w.running.output())
}

// candidate adds a person who is to be interviewed until 14:30 in a week.
func (w *world) candidate(first string) *candidate {
	w.Helper()
	c := w.person(first)
	w.fields(c, time.Now().AddDate(0, 0, 7).Format(time.DateOnly), "14:30")
	return c
}

// candidate is a person at Teamtailor, and where Spark Hire writes to.
type candidate struct {
	*teamtailortest.Candidate
	email string
}

func (w *world) person(first string) *candidate {
	w.Helper()
	email := strings.ToLower(first) + ".falkenrath@mail.example"
	w.private(first, "Falkenrath", email)
	return &candidate{w.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: first, LastName: "Falkenrath", Email: email, Phone: "+46700000417"}), email}
}

// fields sets the custom fields; an empty one has no value.
func (w *world) fields(c *candidate, date, clock string) {
	w.Helper()
	require.NoError(w, c.SetField("interview-date", date))
	require.NoError(w, c.SetField("interview-time", clock))
}

// trigger moves the candidate to the stage with the trigger, and returns the call
// that Teamtailor made for it.
func (w *world) trigger(c *candidate, opts ...teamtailortest.SendOption) teamtailortest.Delivery {
	w.Helper()
	return w.moveTo(w.stage, c, opts...)
}

func (w *world) moveTo(stage *teamtailortest.Stage, c *candidate, opts ...teamtailortest.SendOption) teamtailortest.Delivery {
	w.Helper()
	deliveries, err := w.tt.MoveCandidate(w.ctx, c.Candidate, stage, append(opts, teamtailortest.By(w.user))...)
	require.NoError(w, err)
	require.Len(w, deliveries, 1)
	return deliveries[0]
}

// accepted requires that the trigger was answered with success.
func (w *world) accepted(d teamtailortest.Delivery) {
	w.Helper()
	require.NoError(w, d.Err)
	require.Equal(w, http.StatusOK, d.Status, d.Text)
	require.Empty(w, d.Notes)
}

// invite is a trigger whose invitation has been sent and shown.
func (w *world) invite(first string) *candidate {
	w.Helper()
	c := w.triggered(first)
	w.awaitCard(c, "sent")
	return c
}

// awaitCard waits until the candidate's card shows the status.
func (w *world) awaitCard(c *candidate, status string) teamtailortest.Card {
	w.Helper()
	card, err := w.tt.AwaitCard(w.ctx, c.Candidate, func(card teamtailortest.Card) bool { return card.Status == status })
	require.NoError(w, err, "log:\n%s", w.running.output())
	return card
}

// interview returns the id of the candidate's only interview at Spark Hire.
func (w *world) interview(c *candidate) string {
	w.Helper()
	w.invitedOnce(c)
	return w.spark.InterviewsFor(c.email)[0].ID
}

// invitedOnce requires that the candidate got exactly one e-mail with an
// invitation.
func (w *world) invitedOnce(c *candidate) {
	w.Helper()
	require.Len(w, w.spark.InvitationsTo(c.email), 1)
	require.Len(w, w.spark.InterviewsFor(c.email), 1)
}

// invitedNever requires that Spark Hire knows nothing of the candidate.
func (w *world) invitedNever(c *candidate) {
	w.Helper()
	require.Empty(w, w.spark.InvitationsTo(c.email))
	require.Empty(w, w.spark.InterviewsFor(c.email))
}

// complete lets the candidate do the interview and waits for the result on the
// card.
func (w *world) complete(c *candidate) teamtailortest.Card {
	w.Helper()
	id := w.interview(c)
	if i, _ := w.spark.Interview(id); i.State == sparkhiretest.Invited {
		require.NoError(w, w.spark.Accept(id))
	}
	require.NoError(w, w.spark.Complete(id))
	card := w.awaitCard(c, "completed")
	require.Contains(w, card.URL, id)
	require.True(w, strings.HasPrefix(card.URL, appURL), card.URL)
	require.Len(w, card.Attachments, 1)
	w.private(card.Attachments[0].URL)
	return card
}

// statuses are what the card has shown, each once while it stayed.
func statuses(c teamtailortest.Card) []string {
	var shown []string
	for _, change := range c.History {
		shown = append(shown, change.After.Status)
	}
	return slices.Compact(shown)
}

// hooksRegistered waits until Spark Hire knows where to send its webhooks.
func (w *world) hooksRegistered() {
	w.Helper()
	require.NoError(w, w.toSpark.await(w.ctx, 8, registering))
	require.Len(w, w.spark.Webhooks(), 8)
}

func fetch(t *testing.T, address string) (status int, body string) {
	t.Helper()
	client := &http.Client{Timeout: patience}
	resp, err := client.Get(address)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, string(text)
}
