package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/client"
)

// interviewsCmd looks at interviews and acts on them.
type interviewsCmd struct {
	clientFlags

	List    interviewsList    `cmd:"" help:"List interviews, newest first."`
	Show    interviewsShow    `cmd:"" help:"Show one interview and its timeline: what happened, when, and who did it."`
	Cancel  interviewsCancel  `cmd:"" help:"Cancel an interview."`
	Resolve interviewsResolve `cmd:"" help:"Say what became of an unconfirmed interview."`
}

type interviewsList struct {
	Connection string `help:"Only those of this connection." placeholder:"ID"`
	Candidate  string `help:"Only those of this candidate." placeholder:"ID"`
	Job        string `help:"Only those of this job." placeholder:"ID"`
	State      string `help:"Only those in this state, such as unconfirmed." placeholder:"STATE"`
	Limit      int    `help:"List at most so many; 0 lists everything." default:"50"`
}

// Run lists interviews.
func (l interviewsList) Run(ctx context.Context, t terminal, of *interviewsCmd) error {
	c, err := of.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	connections := []string{l.Connection}
	if l.Connection == "" {
		if connections, err = allConnections(ctx, c); err != nil {
			return err
		}
	}
	query := url.Values{"limit": {pageSize(l.Limit)}}
	for name, value := range map[string]string{"candidate_id": l.Candidate, "job_id": l.Job, "state": l.State} {
		if value != "" {
			query.Set(name, value)
		}
	}
	lists := make([]iter.Seq2[json.RawMessage, error], len(connections))
	for n, id := range connections {
		lists[n] = c.List(ctx, client.Path("connections", id, "interviews"), query)
	}
	return listed(t, of.JSON, l.Limit, newestFirst(lists),
		[]string{"ID", "STATE", "TYPE", "CANDIDATE", "JOB", "DUE", "UPDATED"}, func(i client.Interview) []string {
			return []string{i.ID, i.State, i.Type, nameOf(i), firstOf(i.Job.Title, i.Job.ID), dueOf(i), moment(i.UpdatedAt)}
		})
}

// pageSize is how many items one call asks for when limit are wanted, and one
// more to know whether there are more.
func pageSize(limit int) string {
	if limit <= 0 || limit >= 200 {
		return "200"
	}
	return strconv.Itoa(limit + 1)
}

func nameOf(i client.Interview) string {
	return firstOf(strings.TrimSpace(i.Candidate.FirstName+" "+i.Candidate.LastName), i.Candidate.ID)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func dueOf(i client.Interview) string {
	if i.Due == nil {
		return ""
	}
	words := []string{i.Due.Date, i.Due.Time}
	if i.Due.TimeZone != "" {
		words = append(words, "("+i.Due.TimeZone+")")
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

type interviewsShow struct {
	ID string `arg:"" help:"Id of the interview."`
}

// Run shows an interview and its timeline.
func (s interviewsShow) Run(ctx context.Context, t terminal, of *interviewsCmd) error {
	c, err := of.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	text, err := c.Call(ctx, http.MethodGet, client.Path("interviews", s.ID), nil, nil)
	if err != nil {
		return err
	}
	events := []json.RawMessage{}
	for item, err := range c.List(ctx, client.Path("interviews", s.ID, "events"), nil) {
		if err != nil {
			return err
		}
		events = append(events, item)
	}
	if of.JSON {
		timeline, err := json.Marshal(events)
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		return printJSON(t.stdout, withMember(text, "events", timeline))
	}
	if err := printInterview(t, text); err != nil {
		return err
	}
	rows := make([][]string, len(events))
	for n, item := range events {
		e, err := decode[client.Event](item)
		if err != nil {
			return err
		}
		rows[n] = []string{moment(e.At), e.Kind, e.Actor, e.Text}
	}
	_, _ = fmt.Fprintln(t.stdout)
	return printRows(t.stdout, []string{"AT", "WHAT", "WHO", "TEXT"}, rows)
}

// withMember adds a member to an object that has others.
func withMember(object json.RawMessage, name string, value json.RawMessage) json.RawMessage {
	whole := bytes.TrimSuffix(bytes.TrimSpace(object), []byte("}"))
	return fmt.Appendf(bytes.Clone(whole), ",%q:%s}", name, value)
}

func printInterview(t terminal, text json.RawMessage) error {
	i, err := decode[client.Interview](text)
	if err != nil {
		return err
	}
	by := ""
	if i.RequestedBy != nil {
		by = firstOf(i.RequestedBy.Name, i.RequestedBy.ID)
	}
	return printPairs(t.stdout,
		"interview", i.ID, "state", i.State, "reason", reasonOf(i.Reason), "notice", reasonOf(i.Notice),
		"type", i.Type, "candidate", nameOf(i), "candidate id", i.Candidate.ID, "e-mail", i.Candidate.Email,
		"job", firstOf(i.Job.Title, i.Job.ID), "due", dueOf(i), "requested by", by, "origin", i.Origin,
		"adapter", i.Adapter, "connection", i.ConnectionID, "at Spark Hire", i.SparkHire.InterviewID,
		"status there", i.SparkHire.Status, "revision", fmt.Sprintf("%d, reported %d", i.Revision, i.ReportedRevision),
		"may be done", strings.Join(i.Actions, ", "), "created", moment(i.CreatedAt), "updated", moment(i.UpdatedAt))
}

func reasonOf(r *client.Reason) string {
	if r == nil {
		return ""
	}
	return r.Code + ": " + r.Message
}

type interviewsCancel struct {
	ID string `arg:"" help:"Id of the interview."`
}

// Run cancels an interview.
func (k interviewsCancel) Run(ctx context.Context, t terminal, of *interviewsCmd) error {
	return of.act(ctx, t, client.Path("interviews", k.ID, "cancel"), nil)
}

type interviewsResolve struct {
	ID        string `arg:"" help:"Id of the interview."`
	Sent      string `help:"It was sent and has this id at Spark Hire." placeholder:"ID" xor:"what" required:""`
	SendAgain bool   `help:"It was not sent: send it again." xor:"what" required:""`
}

// Run ends the doubt about an interview.
func (r interviewsResolve) Run(ctx context.Context, t terminal, of *interviewsCmd) error {
	body := map[string]string{"action": "send_again"}
	if r.Sent != "" {
		body = map[string]string{"action": "sent", "spark_hire_interview_id": r.Sent}
	}
	return of.act(ctx, t, client.Path("interviews", r.ID, "resolve"), body)
}

// act posts to an interview and shows what it is then.
func (i interviewsCmd) act(ctx context.Context, t terminal, path string, body any) error {
	c, err := i.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	text, err := c.Call(ctx, http.MethodPost, path, nil, body)
	if err != nil {
		return err
	}
	if i.JSON {
		return printJSON(t.stdout, text)
	}
	return printInterview(t, text)
}
