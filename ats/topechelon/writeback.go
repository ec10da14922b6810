package topechelon

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
)

// recordBudget bounds what Publish spends on the records of one report.
const recordBudget = time.Minute

// keepRecords writes what the connection's settings ask for beside the status. What
// Top Echelon refuses, and what lacks a consent, is logged: the next report tries
// again. An error means that the same may work later.
func (a *Adapter) keepRecords(ctx context.Context, c ats.Connection, r ats.Report) error {
	s, err := settingsOf(c)
	if err != nil || !s.AttachResults && !s.Hotlists {
		return err
	}
	iv := r.Interview
	if c.Secrets == nil || iv.Candidate.ID == "" {
		a.log.WarnContext(ctx, "no record kept in Top Echelon: no place for a ledger, or nobody to keep it on", "interview", iv)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, recordBudget)
	defer cancel()
	w := writer{adapter: a, conn: c, iv: iv, ledger: ledger{secrets: c.Secrets, now: a.cfg.Clock}}
	w.justCompleted = slices.ContainsFunc(r.Events, func(e ats.Event) bool { return e.Kind == ats.EventCompleted })
	var errs []error
	if s.AttachResults {
		errs = append(errs, w.settled(ctx, "attachment", w.attach(ctx)))
	}
	if s.Hotlists {
		errs = append(errs, w.settled(ctx, "hotlist", w.list(ctx)))
	}
	return errors.Join(errs...)
}

// writer writes the records of one interview as the user who scheduled it.
type writer struct {
	adapter *Adapter
	conn    ats.Connection
	iv      ats.Interview
	ledger  ledger
	// justCompleted is set while the report tells of the completion.
	justCompleted bool
}

// settled returns errors after which trying again by itself may help, and logs the
// others for whoever must act.
func (w writer) settled(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	_, refused := ats.AsRefusal(err)
	for _, kind := range []error{ats.ErrUnauthorized, ats.ErrForbidden, ats.ErrNotFound, ats.ErrGone, ats.ErrInvalid, ats.ErrUnsupported} {
		refused = refused || errors.Is(err, kind)
	}
	if !refused {
		return fmt.Errorf("keep %s: %w", what, err)
	}
	w.adapter.log.WarnContext(ctx, "record not kept in Top Echelon", "record", what, "interview", w.iv, "error", err)
	return nil
}

// client returns the client of the user who scheduled the interview.
func (w writer) client(ctx context.Context) (*api.Client, error) {
	return w.adapter.client(ctx, w.conn, orDefault(w.iv.RequestedFor.ID, w.iv.RequestedBy.ID))
}

// attach uploads the result of a completed interview once. Top Echelon keeps every
// file that it is sent, so an upload of which nobody knows whether it arrived is not
// repeated. It begins with the report of the completion: what was completed before the
// setting was switched on, or before a disconnect that has emptied the ledger, is left.
func (w writer) attach(ctx context.Context) error {
	if stateOf(w.iv) != ats.StateCompleted {
		return nil
	}
	e, err := w.ledger.look(ctx, "attachment/"+w.iv.ID)
	if err != nil || e.state == entryDone || e.state == entryUnknown || e.state == entryNone && !w.justCompleted {
		return err
	}
	if _, busy := w.ledger.busy(e); e.state == entryClaimed && !busy {
		return w.leave(ctx, e, errors.New("whoever uploaded it has died"))
	}
	client, err := w.client(ctx)
	if err != nil || linkOf(w.iv) == "" {
		return errors.Join(err, w.want(ctx, e))
	}
	if e, err = w.ledger.claim(ctx, e); err != nil {
		return err
	}
	err = client.People.Attach(ctx, w.iv.Candidate.ID, "spark-hire-"+w.iv.ID+".txt", w.file())
	switch {
	case err == nil:
		return w.ledger.settle(ctx, e, entryDone, "")
	case api.OutcomeUnknown(err):
		return w.leave(ctx, e, err)
	}
	return errors.Join(classify(err), w.want(ctx, e))
}

// want notes that an upload is still to be made, with the next report.
func (w writer) want(ctx context.Context, e entry) error {
	if e.state == entryWanted {
		return nil
	}
	return w.ledger.settle(ctx, e, entryWanted, "")
}

// leave notes that an upload may or may not have arrived. A person can look.
func (w writer) leave(ctx context.Context, e entry, cause error) error {
	w.adapter.log.WarnContext(ctx, "whether the attachment reached Top Echelon is not known; it is not sent again", "interview", w.iv, "error", cause)
	return w.ledger.settle(ctx, e, entryUnknown, "")
}

// linkOf returns what opens the recording, for a record that stays: the share link,
// else the one for people with a login.
func linkOf(iv ats.Interview) string {
	return orDefault(iv.SparkHire.ShareURL, iv.SparkHire.WatchURL)
}

// file is the attachment's text. It says nothing about the person.
func (w writer) file() []byte {
	iv := w.iv
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		if loc, err := ats.LoadZone(iv.Schedule.Zone); err == nil {
			t = t.In(loc)
		}
		return t.Format("2006-01-02 15:04 MST")
	}
	line("Interview", iv.Type.Label())
	line("Job", strings.Join(strings.Fields(iv.Job.Title), " "))
	line("Scheduled", at(iv.CreatedAt))
	line("Due", iv.Schedule.String())
	line("Completed", at(iv.CompletedAt))
	line("Result", linkOf(iv))
	return []byte(b.String())
}

// list adds the person to the hotlist of the interview's state, once per person and
// state. Nobody is taken off a list: that has not been seen.
func (w writer) list(ctx context.Context) error {
	shown := w.adapter.shown(w.iv)
	if shown.state == StatusNone {
		return nil
	}
	member, err := w.ledger.look(ctx, "hotlist/"+string(shown.state)+"/person/"+url.PathEscape(w.iv.Candidate.ID))
	if err != nil || member.state == entryDone {
		return err
	}
	client, err := w.client(ctx)
	if err != nil {
		return err
	}
	list, err := w.hotlist(ctx, client, shown)
	if err != nil {
		return err
	}
	perhaps := member.state != entryNone
	if member, err = w.ledger.claim(ctx, member); err != nil {
		return err
	}
	if perhaps {
		on, err := isOn(ctx, client, list.arg, w.iv.Candidate.ID)
		if err != nil {
			return errors.Join(classify(err), w.ledger.settle(ctx, member, entryUnknown, ""))
		}
		if on {
			return w.ledger.settle(ctx, member, entryDone, "")
		}
	}
	err = client.Hotlists.AddRecord(ctx, list.arg, w.iv.Candidate.ID)
	switch {
	case err == nil:
		return w.ledger.settle(ctx, member, entryDone, "")
	case api.OutcomeUnknown(err): // the list can be read next time
		return errors.Join(classify(err), w.ledger.settle(ctx, member, entryUnknown, ""))
	}
	err = classify(err)
	if notVisible(err) { // somebody may have deleted the list: look for it anew
		err = errors.Join(err, w.ledger.settle(ctx, list, entryNone, ""))
	}
	return errors.Join(err, w.ledger.settle(ctx, member, entryNone, ""))
}

// hotlist returns the entry of the list for a state, whose arg is the list's id. The
// list is looked for by its name, and made if there is none.
func (w writer) hotlist(ctx context.Context, client *api.Client, shown shownAs) (entry, error) {
	e, err := w.ledger.look(ctx, "hotlist/"+string(shown.state))
	if err != nil || e.state == entryDone {
		return e, err
	}
	if e, err = w.ledger.claim(ctx, e); err != nil {
		return e, err
	}
	name := "Spark Hire – " + shown.label
	found, ok, err := client.Hotlists.Find(ctx, name)
	id := found.ID
	if err == nil && !ok {
		var made *api.Hotlist
		if made, err = client.Hotlists.Create(ctx, name, true); err == nil {
			id = made.ID
		}
	}
	if err != nil { // a list whose creation went unanswered is found by its name next time
		return e, errors.Join(classify(err), w.ledger.settle(ctx, e, entryNone, ""))
	}
	if err := w.ledger.settle(ctx, e, entryDone, id); err != nil {
		return e, err
	}
	return w.ledger.look(ctx, e.name)
}

// isOn reports whether the person is on the list.
func isOn(ctx context.Context, client *api.Client, listID, personID string) (bool, error) {
	for id, err := range client.Hotlists.Records(ctx, listID) {
		if err != nil || id == personID {
			return err == nil, err
		}
	}
	return false, nil
}
