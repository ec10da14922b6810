package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/config"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// simulatedATS is one ATS of the demonstration. An adapter of its own gets a line
// in [newSimulators].
type simulatedATS interface {
	// Name is what people call it.
	Name() string
	// Configure sets the keys with which the service reaches the simulator, and
	// returns them as lines of a configuration file.
	Configure(c *config.Config) []string
	// About says what there is to play with: addresses, keys and ids.
	About() []string
	// Play plays one interview with the service at the address, from the
	// recruiter's wish to the result. It may be repeated.
	Play(ctx context.Context, service string, t *timeline) error
	Close()
}

// stage is what the simulator of an ATS is made with.
type stage struct {
	spark *simulatedSparkHire
	// service is where browsers and vendors will reach the service.
	service string
	// token opens the service's API.
	token string
	// listen opens the next port.
	listen func() (net.Listener, error)
}

// simulatedSparkHire is Spark Hire with what every story needs.
type simulatedSparkHire struct {
	*sparkhiretest.Server

	server       *http.Server
	client       sparkhiretest.Credentials // of API v2.0
	organization sparkhiretest.User
	recruiter    sparkhiretest.User
	job          sparkhiretest.Job
	questions    sparkhiretest.QuestionSet
}

func newSimulatedSparkHire(listener net.Listener) *simulatedSparkHire {
	s := &simulatedSparkHire{Server: sparkhiretest.NewUnstartedServer(sparkhiretest.WithDeterministicIDs())}
	s.URL = "http://" + listener.Addr().String()
	s.client = s.AddCredentials(sparkhiretest.Credentials{})
	s.organization = s.AddUser(sparkhiretest.User{Name: "Ines Admin", Email: "ines@care.example", Role: sparkhiretest.Admin})
	s.recruiter = s.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	s.job = s.AddJob(sparkhiretest.Job{Title: "Ward nurse, Lund", Address: "Lund, Sweden"})
	s.questions = s.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
	s.server = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // Close ends it
	return s
}

// Close ends the simulator.
func (s *simulatedSparkHire) Close() {
	_ = s.server.Close()
	s.Server.Close()
}

// about says what there is to play with.
func (s *simulatedSparkHire) about() []string {
	return []string{
		"API v1.0 at " + s.V1URL() + ", v2.0 at " + s.V2URL() + "; on v1.0 the service registers its webhooks",
		"organization key " + s.organization.Key + ", a recruiter's key " + s.recruiter.Key,
		"v2.0: client id " + s.client.ClientID + ", client secret " + s.client.ClientSecret + ", users by e-mail address: " + s.organization.Email + ", " + s.recruiter.Email,
		"job " + s.job.ID + " (" + s.job.Title + "), question set " + s.questions.ID + " (" + s.questions.Name + ")",
	}
}

// simulators is every vendor.
type simulators struct {
	sparkHire *simulatedSparkHire
	ats       []simulatedATS
}

// newSimulators starts every vendor, for the service at the address: on one port
// after the other, or on free ones when first is 0.
func newSimulators(ctx context.Context, first int, service, token string) (*simulators, error) {
	s, port := &simulators{}, first
	listen := func() (net.Listener, error) {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return nil, fmt.Errorf("start a simulator: %w", err)
		}
		if port > 0 {
			port++
		}
		return l, nil
	}
	l, err := listen()
	if err != nil {
		return nil, err
	}
	s.sparkHire = newSimulatedSparkHire(l)
	for _, start := range []func(stage) (simulatedATS, error){
		newSimulatedTeamtailor, newSimulatedTopEchelon, newSimulatedPaycor,
	} {
		a, err := start(stage{spark: s.sparkHire, service: service, token: token, listen: listen})
		if err != nil {
			s.close()
			return nil, err
		}
		s.ats = append(s.ats, a)
	}
	return s, nil
}

// configure sets the keys with which the service reaches the simulators, and
// returns them as a configuration file.
func (s *simulators) configure(c *config.Config) []string {
	c.SparkHire.V1URL, c.SparkHire.V2URL = s.sparkHire.V1URL(), s.sparkHire.V2URL()
	lines := []string{"sparkhire:", "  v1_url: " + strconv.Quote(c.SparkHire.V1URL), "  v2_url: " + strconv.Quote(c.SparkHire.V2URL)}
	for _, a := range s.ats {
		lines = append(lines, a.Configure(c)...)
	}
	return lines
}

// about says of every vendor what there is to play with.
func (s *simulators) about() []string {
	var lines []string
	vendor := func(name string, facts []string) {
		lines = append(lines, name)
		for _, f := range facts {
			lines = append(lines, "  "+f)
		}
	}
	vendor("Spark Hire", s.sparkHire.about())
	for _, a := range s.ats {
		vendor(a.Name(), a.About())
	}
	return lines
}

// play plays one interview for each ATS, one after the other.
func (s *simulators) play(ctx context.Context, service string, out io.Writer) error {
	for _, a := range s.ats {
		t := &timeline{out: out, started: time.Now()}
		_, _ = fmt.Fprintf(out, "\n%s\n", a.Name())
		if err := a.Play(ctx, service, t); err != nil {
			return fmt.Errorf("%s: %w", a.Name(), err)
		}
	}
	return nil
}

func (s *simulators) close() {
	for _, a := range s.ats {
		a.Close()
	}
	s.sparkHire.Close()
}

// timeline prints who did what, and when.
type timeline struct {
	out     io.Writer
	started time.Time
}

func (t *timeline) say(who, format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, "%8.3fs  %-14s  %s\n", time.Since(t.started).Seconds(), who, fmt.Sprintf(format, args...))
}

// invited requires that a candidate has exactly one invitation, and returns the
// interview's id at Spark Hire.
func (s *simulatedSparkHire) invited(email string) (string, error) {
	all := s.InvitationsTo(email)
	if len(all) != 1 {
		return "", fmt.Errorf("%d invitations were sent, not one", len(all))
	}
	if all[0].InterviewID == "" {
		return "", errors.New("the invitation belongs to no interview")
	}
	return all[0].InterviewID, nil
}
