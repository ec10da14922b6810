package bridge

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire"
)

// v1 is Spark Hire's API v1.0 seen with one key.
type v1 struct {
	client *sparkhire.Client
	now    func() time.Time
}

const (
	// maxFound bounds how far back a search reads in a list that is in no order.
	maxFound = 500
	// mostRead bounds how far back a search for one interview reads at all: a search that
	// needs more than a minute's budget would never end.
	mostRead = 5000
)

// newHTTPClient returns the client that all keys share, so that they share
// connections.
func newHTTPClient(c *http.Client, timeout time.Duration) *http.Client {
	if c == nil {
		c = &http.Client{Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		}}
	}
	shared := *c
	if shared.Timeout == 0 || shared.Timeout > timeout {
		shared.Timeout = timeout
	}
	return &shared
}

// open returns Spark Hire seen with a key, where the limiter pays: the key says
// which API it is for.
func (b *Bridge) open(key ats.Secret, pay *budget) (spark, error) {
	if k, ok := parseMeetKey(key); ok {
		return b.openV2(k, pay)
	}
	return b.openV1(key, pay)
}

func (b *Bridge) openV1(key ats.Secret, pay *budget) (spark, error) {
	c := b.config.SparkHire
	client, err := sparkhire.New(key.Reveal(),
		sparkhire.WithBaseURL(c.V1URL),
		sparkhire.WithAppURL(c.AppURL),
		sparkhire.WithHTTPClient(b.http),
		sparkhire.WithLimiter(pay),
		sparkhire.WithMaxWait(0),     // the queue comes back, no goroutine waits
		sparkhire.WithMaxAttempts(1), // likewise
	)
	if err != nil {
		return nil, fmt.Errorf("spark hire client: %w", err)
	}
	return v1{client: client, now: b.now}, nil
}

func (s v1) Invite(ctx context.Context, i invitation) (reading, error) {
	got, err := s.client.Interviews.Create(ctx, s.createRequest(i))
	if err != nil {
		return reading{}, s.errorFrom(err)
	}
	if got.UUID == "" {
		return reading{}, fmt.Errorf("spark hire answered without an interview id: %w", errOutcomeUnknown)
	}
	return s.readingFrom(got), nil
}

// createRequest adds what no public source names to the assumed body: a live
// interview's time zone, and the message for the candidate. Everything else assumed
// is in package sparkhire [assumed: docs/vendors/sparkhire.md].
func (s v1) createRequest(i invitation) *sparkhire.CreateInterviewRequest {
	first, last := strings.TrimSpace(i.FirstName), strings.TrimSpace(i.LastName)
	if first == "" { // some ATS know candidates by one name, or by their address
		first, last = cmp.Or(last, i.Email), ""
	}
	req := &sparkhire.CreateInterviewRequest{
		Type: sparkhire.InterviewType(i.Type), JobUUID: i.JobID, QuestionSetUUID: i.QuestionSetID,
		Candidate:   sparkhire.Candidate{FirstName: first, LastName: last, Email: i.Email},
		ScheduledAt: i.Schedule.At,
	}
	req.Extra = map[string]any{}
	if i.Type == ats.Live {
		req.Extra["time_zone"] = i.Schedule.Zone
	}
	if i.Message != "" {
		req.Extra["message"] = i.Message
	}
	return req
}

func (s v1) Find(ctx context.Context, i invitation, since time.Time) ([]reading, bool, error) {
	opts := &sparkhire.InterviewListOptions{
		Type:     []sparkhire.InterviewType{sparkhire.InterviewType(i.Type)},
		JobUUIDs: []string{i.JobID},
	}
	var found []reading
	read := 0
	for got, err := range s.newest(ctx, opts, since) {
		if err != nil {
			return nil, false, err
		}
		if read++; read > mostRead {
			return nil, false, &vendorError{kind: ats.ErrUnsupported, err: errors.New("too many interviews of the job have changed since")}
		}
		if matches(got, i, since) {
			r := s.readingFrom(got)
			r.Nameless = emailOf(got) == ""
			found = append(found, r)
		}
	}
	return found, true, nil
}

// newest yields what changed at or after since, and may yield more. It stops
// early only when a whole page came newest first, as asked: a server that
// ignores the order must not make anybody believe that something is not there.
// A list in no order that does not end soon cannot be trusted, and is an error.
func (s v1) newest(ctx context.Context, opts *sparkhire.InterviewListOptions, since time.Time) iter.Seq2[*sparkhire.Interview, error] {
	opts.OrderBy = newestFirst
	return func(yield func(*sparkhire.Interview, error) bool) {
		seen, ordered := 0, true
		var last time.Time
		for got, err := range s.client.Interviews.All(ctx, opts) {
			if err != nil {
				yield(nil, s.errorFrom(err))
				return
			}
			if got.UpdatedAt.IsZero() || (seen > 0 && got.UpdatedAt.After(last)) {
				ordered = false
			}
			last = got.UpdatedAt
			if seen++; seen > maxFound && !ordered {
				yield(nil, &vendorError{kind: ats.ErrUnsupported, err: errors.New("the list of interviews is long and in no order")})
				return
			}
			if !yield(got, nil) || (ordered && seen >= sparkhire.PageSize && last.Before(since)) {
				return
			}
		}
	}
}

// newestFirst: a new interview is among the last changed ones.
const newestFirst = "updated_desc"

// matches filters again what the server was asked to filter, because it may
// ignore parameters that it does not know. What an answer leaves out does not
// speak against it.
func matches(got *sparkhire.Interview, i invitation, since time.Time) bool {
	if email := emailOf(got); email != "" && !strings.EqualFold(email, i.Email) {
		return false
	}
	if !got.CreatedAt.IsZero() && got.CreatedAt.Before(since) {
		return false
	}
	if got.Type != "" && !strings.EqualFold(string(got.Type), string(i.Type)) {
		return false
	}
	return got.JobPost == nil || got.JobPost.UUID == "" || got.JobPost.UUID == i.JobID
}

func emailOf(got *sparkhire.Interview) string {
	if got.AssignedTo == nil {
		return ""
	}
	return strings.TrimSpace(got.AssignedTo.Email)
}

func (s v1) Read(ctx context.Context, id string) (reading, error) {
	got, err := s.client.Interviews.Get(ctx, id)
	if err != nil {
		return reading{}, s.errorFrom(err)
	}
	return s.readingFrom(got), nil
}

func (s v1) Remove(ctx context.Context, id string) error {
	err := s.client.Interviews.Delete(ctx, id)
	if errors.Is(err, sparkhire.ErrNotFound) || sparkhire.IsGone(err) {
		return nil
	}
	return s.errorFrom(err)
}

// ShareURL looks first: whether making a second link returns the same one is not
// public.
func (s v1) ShareURL(ctx context.Context, id string) (string, error) {
	link, err := s.client.ShareLinks.GetBasic(ctx, id)
	if errors.Is(err, sparkhire.ErrNotFound) || (err == nil && link.URL == "") {
		link, err = s.client.ShareLinks.CreateBasic(ctx, id)
	}
	if err != nil {
		return "", s.errorFrom(err)
	}
	return link.URL, nil
}

func (s v1) Changed(ctx context.Context, since time.Time, from int) iter.Seq2[reading, error] {
	return func(yield func(reading, error) bool) {
		opts := &sparkhire.InterviewListOptions{ListOptions: sparkhire.ListOptions{Offset: from}}
		for got, err := range s.newest(ctx, opts, since) {
			if err != nil {
				yield(reading{}, err)
				return
			}
			if !got.UpdatedAt.IsZero() && got.UpdatedAt.Before(since) {
				continue
			}
			if !yield(s.readingFrom(got), nil) {
				return
			}
		}
	}
}

func (s v1) KeyOwner(ctx context.Context) (string, error) {
	me, err := s.client.Me.Get(ctx)
	if err != nil {
		return "", s.errorFrom(err)
	}
	return me.Name, nil
}

func (s v1) Jobs(ctx context.Context) ([]ats.Option, error) {
	var options []ats.Option
	for j, err := range s.client.Jobs.All(ctx, &sparkhire.JobListOptions{ListOptions: sparkhire.ListOptions{OrderBy: "title_asc"}}) {
		if err != nil {
			return nil, s.errorFrom(err)
		}
		if !closedJob(j.Status) {
			options = append(options, ats.Option{ID: j.UUID, Label: j.Title})
		}
	}
	return options, nil
}

// closedJob reports whether a job can get no interviews. The spelling on the wire is
// not public: the website says inactive, the community description closed and draft,
// and a word that is not known is offered, because Spark Hire itself refuses what
// cannot be [assumed: docs/vendors/sparkhire.md].
func closedJob(status sparkhire.JobStatus) bool {
	switch strings.ToLower(strings.TrimSpace(string(status))) {
	case string(sparkhire.JobInactive), "closed", "draft", "archived", "0", "false":
		return true
	}
	return false
}

func (s v1) QuestionSets(ctx context.Context) ([]ats.Option, error) {
	var options []ats.Option
	for q, err := range s.client.QuestionSets.All(ctx, nil) {
		if err != nil {
			return nil, s.errorFrom(err)
		}
		options = append(options, ats.Option{ID: q.UUID, Label: q.Name})
	}
	return options, nil
}

// wantedEvents are the events that say something about an interview.
var wantedEvents = [...]sparkhire.WebhookEvent{ //nolint:gochecknoglobals // constant
	sparkhire.EventInterviewCreated, sparkhire.EventInterviewAccepted, sparkhire.EventInterviewCompleted,
	sparkhire.EventInterviewDeleted, sparkhire.EventInterviewExpired, sparkhire.EventInterviewRescheduled,
	sparkhire.EventInterviewReset, sparkhire.EventInterviewRated,
}

// readingFrom interprets an interview. Completed is a fact (completed_at, or the
// one status that is certain); the other words are assumed from the website
// ("in progress") and the event names ("rated", which only follows completion), and
// a word that is not known means open [assumed: docs/vendors/sparkhire.md].
func (s v1) readingFrom(i *sparkhire.Interview) reading {
	r := reading{
		ID: i.UUID, Status: string(i.Status), CompletedAt: i.CompletedAt, ScheduledAt: i.ScheduledAt,
		CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt,
		WatchURL: s.client.Interviews.WatchURL(i.UUID),
	}
	r.Phase = phaseOf(string(i.Status), i.Completed())
	if i.ShareLink != nil {
		r.ShareURL = i.ShareLink.URL
	}
	if rating := strings.TrimSpace(string(i.Rating)); rating != "" && rating != "null" && rating != "[]" && rating != "{}" {
		sum := sha256.Sum256([]byte(rating))
		r.RatingDigest, r.Rated = hex.EncodeToString(sum[:8]), true
	}
	return r
}

// phaseOf says what a status means, unless the fact of completion decides.
func phaseOf(status string, completed bool) phase {
	switch word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(status)), "_", " "); {
	case completed, word == "rated":
		return phaseCompleted
	case word == "accepted", word == "in progress":
		return phaseAccepted
	case word == "expired":
		return phaseExpired
	case word == "canceled" || word == "cancelled": //nolint:misspell // either spelling may come
		return phaseCanceled
	}
	return phaseOpen
}

func (s v1) errorFrom(err error) error { return classify(err, s.now, theirWords) }

// unnamedWait is the pause after a 429 that names none. The documented one names it,
// so this may be a limit of another kind: asking four times a minute spends little.
const unnamedWait = 15 * time.Second

// classify tells an error of a client by kind: see [spark]. Both clients have the
// same sentinels; words returns what Spark Hire said.
func classify(err error, now func() time.Time, words func(error) string) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sparkhire.ErrOutcomeUnknown) {
		return fmt.Errorf("%w: %w", errOutcomeUnknown, err)
	}
	if errors.Is(err, sparkhire.ErrRateLimited) {
		at, ok := sparkhire.RetryAfter(err)
		if !ok {
			at = now().Add(unnamedWait)
		}
		_, ours := errors.AsType[*httpx.LaterError](err) // our budget knows the moment
		if soonest := now().Add(time.Second); !ours && at.Before(soonest) {
			at = soonest
		}
		return &ats.RetryLaterError{At: at, Err: err}
	}
	kinds := []struct{ theirs, ours error }{
		{sparkhire.ErrUnauthorized, ats.ErrUnauthorized},
		{sparkhire.ErrForbidden, ats.ErrForbidden},
		{sparkhire.ErrNotFound, ats.ErrNotFound},
		{sparkhire.ErrGone, ats.ErrGone},
		{sparkhire.ErrConflict, ats.ErrConflict},
		{sparkhire.ErrInvalid, ats.ErrInvalid},
	}
	for _, k := range kinds {
		if errors.Is(err, k.theirs) {
			return &vendorError{kind: k.ours, text: words(err), err: err}
		}
	}
	return fmt.Errorf("%w: %w", ats.ErrUnavailable, err)
}

// theirWords returns what Spark Hire said, for the person who acted.
func theirWords(err error) string {
	e, ok := errors.AsType[*sparkhire.APIError](err)
	if !ok {
		return ""
	}
	text := cmp.Or(e.Reason, e.Message)
	for _, f := range e.Fields {
		text = andField(text, f.Field, f.Message)
	}
	return text
}

// andField adds what is wrong with one field.
func andField(text, field, message string) string {
	if text != "" {
		text += "; "
	}
	return text + strings.TrimPrefix(field+": "+message, ": ")
}
