package main

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/client"
)

// deliveriesCmd looks at reports that did not arrive.
type deliveriesCmd struct {
	clientFlags

	List  deliveriesList  `cmd:"" help:"List the reports that the ATS did not take, longest waiting first."`
	Retry deliveriesRetry `cmd:"" help:"Tell the ATS about an interview again."`
}

type deliveriesList struct {
	State string `help:"dead, retrying, gone or ok." default:"dead"`
	Limit int    `help:"List at most so many; 0 lists everything." default:"50"`
}

// Run lists deliveries.
func (l deliveriesList) Run(ctx context.Context, t terminal, of *deliveriesCmd) error {
	c, err := of.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	query := url.Values{"state": {l.State}, "limit": {pageSize(l.Limit)}}
	return listed(t, of.JSON, l.Limit, c.List(ctx, "/deliveries", query),
		[]string{"INTERVIEW", "STATE", "FAILURES", "NEXT", "UPDATED", "ERROR"}, deliveryRow)
}

func deliveryRow(d client.Delivery) []string {
	return []string{d.InterviewID, d.State, strconv.Itoa(d.Failures), momentAt(d.NextAt), momentAt(d.UpdatedAt), d.LastError}
}

func momentAt(t *time.Time) string {
	if t == nil {
		return ""
	}
	return moment(*t)
}

type deliveriesRetry struct {
	ID string `arg:"" help:"Id of the interview."`
}

// Run makes a dead letter be tried again.
func (r deliveriesRetry) Run(ctx context.Context, t terminal, of *deliveriesCmd) error {
	c, err := of.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	text, err := c.Call(ctx, http.MethodPost, client.Path("deliveries", r.ID, "retry"), nil, nil)
	if err != nil {
		return err
	}
	if of.JSON {
		return printJSON(t.stdout, text)
	}
	d, err := decode[client.Delivery](text)
	if err != nil {
		return err
	}
	return printPairs(t.stdout, "interview", d.InterviewID, "state", d.State, "next try", momentAt(d.NextAt), "last error", d.LastError)
}
