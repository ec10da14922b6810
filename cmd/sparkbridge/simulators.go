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
// in [simulatedATSs].
type simulatedATS interface {
	// Name is what people call it.
	Name() string
	// Configure sets the keys with which the service reaches the simulator, and
	// returns them as lines of a configuration file.
	Configure(c *config.Config) []string
	// Play plays one interview with the service at the address, from the
	// recruiter's wish to the result. It may be repeated.
	Play(ctx context.Context, service string, t *timeline) error
	Close()
}

// simulatedATSs starts every ATS; listen says where the n-th one listens.
func simulatedATSs(ctx context.Context, sh *simulatedSparkHire, listen func(n int) string) ([]simulatedATS, error) {
	var all []simulatedATS
	for n, start := range []func(*simulatedSparkHire, net.Listener) simulatedATS{
		newSimulatedTeamtailor,
	} {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen(n+1))
		if err != nil {
			for _, s := range all {
				s.Close()
			}
			return nil, fmt.Errorf("start a simulator: %w", err)
		}
		all = append(all, start(sh, listener))
	}
	return all, nil
}

// simulatedSparkHire is Spark Hire with what every story needs.
type simulatedSparkHire struct {
	*sparkhiretest.Server

	server       *http.Server
	organization sparkhiretest.User
	recruiter    sparkhiretest.User
	job          sparkhiretest.Job
	questions    sparkhiretest.QuestionSet
}

func newSimulatedSparkHire(ctx context.Context, listen string) (*simulatedSparkHire, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("start a simulator: %w", err)
	}
	s := &simulatedSparkHire{Server: sparkhiretest.NewUnstartedServer(sparkhiretest.WithDeterministicIDs())}
	s.URL = "http://" + listener.Addr().String()
	s.organization = s.AddUser(sparkhiretest.User{Name: "Ines Admin", Email: "ines@care.example", Role: sparkhiretest.Admin})
	s.recruiter = s.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	s.job = s.AddJob(sparkhiretest.Job{Title: "Ward nurse, Lund", Address: "Lund, Sweden"})
	s.questions = s.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
	s.server = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // Close ends it
	return s, nil
}

// Close ends the simulator.
func (s *simulatedSparkHire) Close() {
	_ = s.server.Close()
	s.Server.Close()
}

// simulators is every vendor.
type simulators struct {
	sparkHire *simulatedSparkHire
	ats       []simulatedATS
}

// newSimulators starts every vendor: on one port after the other, or on free ones
// when first is 0.
func newSimulators(ctx context.Context, first int) (*simulators, error) {
	listen := func(n int) string {
		if first > 0 {
			n += first
		} else {
			n = 0
		}
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(n))
	}
	sh, err := newSimulatedSparkHire(ctx, listen(0))
	if err != nil {
		return nil, err
	}
	all, err := simulatedATSs(ctx, sh, listen)
	if err != nil {
		sh.Close()
		return nil, err
	}
	return &simulators{sparkHire: sh, ats: all}, nil
}

// configure sets the keys with which the service reaches the simulators, and
// returns them as a configuration file.
func (s *simulators) configure(c *config.Config) []string {
	c.SparkHire.V1URL = s.sparkHire.V1URL()
	lines := []string{"sparkhire: {v1_url: " + strconv.Quote(c.SparkHire.V1URL) + "}"}
	for _, a := range s.ats {
		lines = append(lines, a.Configure(c)...)
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
	_, _ = fmt.Fprintf(t.out, "%8.3fs  %-11s  %s\n", time.Since(t.started).Seconds(), who, fmt.Sprintf(format, args...))
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
