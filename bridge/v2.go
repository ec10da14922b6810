package bridge

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire"
	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
)

// v2 is Spark Hire's API v2.0 seen on behalf of one requester. It is not known to
// list, change or remove items, nor to have share links and live interviews: what
// is not known is refused, never guessed [assumed: docs/vendors/sparkhire.md].
type v2 struct {
	client    *meet.Client
	requester string
	pay       *budget
	now       func() time.Time
	appURL    string
}

// bestRating is the highest average rating: the website has five stars [assumed:
// docs/vendors/sparkhire.md].
const bestRating = 5

// maxSummary bounds what is kept of a machine's summary, in bytes.
const maxSummary = 16 << 10

// meetClients keeps one client for each pair of id and secret, so that all
// requesters share its access token.
type meetClients struct {
	mu   sync.Mutex
	byID map[string]*meet.Client
}

func (b *Bridge) openV2(k meetKey, pay *budget) (spark, error) {
	client, err := b.meetClient(k.clientID, k.clientSecret)
	if err != nil {
		return nil, err
	}
	return v2{client: client, requester: k.requester, pay: pay, now: b.now, appURL: b.config.SparkHire.AppURL}, nil
}

func (b *Bridge) meetClient(id string, secret ats.Secret) (*meet.Client, error) {
	name := b.keys.Digest("spark hire client", id+"\x00"+secret.Reveal())
	b.meet.mu.Lock()
	defer b.meet.mu.Unlock()
	if client, ok := b.meet.byID[name]; ok {
		return client, nil
	}
	client, err := b.newMeetClient(id, secret)
	if err != nil {
		return nil, err
	}
	const most = 1000
	if b.meet.byID == nil || len(b.meet.byID) >= most {
		b.meet.byID = map[string]*meet.Client{}
	}
	b.meet.byID[name] = client
	return client, nil
}

// newMeetClient returns a client that has no token yet. Each call is tried once,
// and once more with a new token when the present one was refused.
func (b *Bridge) newMeetClient(id string, secret ats.Secret) (*meet.Client, error) {
	client, err := meet.New(id, secret.Reveal(),
		meet.WithBaseURL(b.config.SparkHire.V2URL),
		meet.WithHTTPClient(b.http),
		meet.WithLimiter(payer{}),
		meet.WithMaxWait(0), // the queue comes back, no goroutine waits
		meet.WithMaxAttempts(2),
	)
	if err != nil {
		return nil, fmt.Errorf("spark hire client: %w", err)
	}
	return client, nil
}

// payer is the limiter of a shared client: who calls pays.
type payer struct{}

type payerKey struct{}

func (payer) Take(ctx context.Context) error {
	pay, ok := ctx.Value(payerKey{}).(*budget)
	if !ok {
		return errors.New("nobody pays for this call")
	}
	return pay.Take(ctx)
}

func (s v2) paying(ctx context.Context) context.Context {
	return context.WithValue(ctx, payerKey{}, s.pay)
}

func (s v2) as() meet.CallOption { return meet.AsRequester(s.requester) }

func (s v2) Invite(ctx context.Context, i invitation) (reading, error) {
	if i.Type != ats.OneWay {
		return reading{}, noSuchCall("make live interviews")
	}
	got, err := s.client.Items.Invite(s.paying(ctx), &meet.InviteRequest{
		Type: meet.TypeOneWay, JobUUID: i.JobID, QuestionSetUUID: i.QuestionSetID, DueAt: i.Schedule.At,
		Candidate: meet.Candidate{Name: fullName(i), Email: i.Email},
	}, s.as())
	if err != nil {
		return reading{}, s.errorFrom(err)
	}
	return s.readingFrom(got), nil
}

// fullName is the candidate's name, which API v2.0 wants.
func fullName(i invitation) string {
	return cmp.Or(strings.TrimSpace(strings.TrimSpace(i.FirstName)+" "+strings.TrimSpace(i.LastName)), i.Email)
}

// Find reads those items that a webhook has told of: there is no list.
func (s v2) Find(ctx context.Context, i invitation, _ time.Time) (found []reading, whole bool, err error) {
	for _, id := range i.Announced {
		got, err := s.client.Items.Get(s.paying(ctx), id, nil, s.as())
		if meet.IsGone(err) {
			continue
		}
		if err != nil {
			return nil, false, s.errorFrom(err)
		}
		if matchesItem(got, i) {
			found = append(found, s.readingFrom(got))
		}
	}
	return found, false, nil
}

// matchesItem reports whether the item can be the invitation's. What an answer
// leaves out does not speak against it, but for the candidate's address.
func matchesItem(got *meet.Item, i invitation) bool {
	switch {
	case got.Candidate == nil || !strings.EqualFold(strings.TrimSpace(got.Candidate.Email), i.Email):
		return false
	case got.Type != "" && !strings.EqualFold(string(got.Type), string(i.Type)):
		return false
	case got.Job != nil && got.Job.UUID != "" && got.Job.UUID != i.JobID:
		return false
	}
	return got.DueAt.IsZero() || got.DueAt.Truncate(time.Second).Equal(i.Schedule.At.Truncate(time.Second))
}

// Read reads a completed item a second time, with the machine's summary: whether
// every account may ask for one is not known.
func (s v2) Read(ctx context.Context, id string) (reading, error) {
	got, err := s.client.Items.Get(s.paying(ctx), id, nil, s.as())
	if err != nil {
		return reading{}, s.errorFrom(err)
	}
	if got.Completed {
		more, err := s.client.Items.Get(s.paying(ctx), id, &meet.ItemGetOptions{Load: []meet.Load{meet.LoadAISummary}}, s.as())
		if err = s.errorFrom(err); err != nil && !isVendorError(err) {
			return reading{}, err
		}
		if err == nil {
			got = more
		}
	}
	return s.readingFrom(got), nil
}

func (v2) Remove(context.Context, string) error { return noSuchCall("cancel an invitation") }

func (v2) ShareURL(context.Context, string) (string, error) {
	return "", noSuchCall("share a recording")
}

func (v2) Changed(context.Context, time.Time, int) iter.Seq2[reading, error] {
	return func(yield func(reading, error) bool) { yield(reading{}, noSuchCall("list changes")) }
}

func (v2) EnsureWebhooks(context.Context, func(string) string) error {
	return noSuchCall("register webhooks")
}

// KeyOwner proves that client and requester work; the requester's name is not
// shown anywhere.
func (s v2) KeyOwner(ctx context.Context) (string, error) {
	_, err := s.client.Jobs.List(s.paying(ctx), s.as())
	return "", s.errorFrom(err)
}

func (s v2) Jobs(ctx context.Context) ([]ats.Option, error) {
	jobs, err := s.client.Jobs.List(s.paying(ctx), s.as())
	if err != nil {
		return nil, s.errorFrom(err)
	}
	options := make([]ats.Option, len(jobs))
	for n, j := range jobs {
		options[n] = ats.Option{ID: j.UUID, Label: j.Title}
	}
	return options, nil
}

func (s v2) QuestionSets(ctx context.Context) ([]ats.Option, error) {
	sets, err := s.client.QuestionSets.List(s.paying(ctx), &meet.QuestionSetListOptions{Types: []meet.ItemType{meet.TypeOneWay}}, s.as())
	if err != nil {
		return nil, s.errorFrom(err)
	}
	options := make([]ats.Option, len(sets))
	for n, q := range sets {
		options[n] = ats.Option{ID: q.UUID, Label: q.Name}
	}
	return options, nil
}

// readingFrom interprets an item. Completed is a fact; the words are those of API
// v1.0 [assumed]. That an item is watched where an interview of v1.0 is, is assumed
// too: no address is known [assumed: docs/vendors/sparkhire.md].
func (s v2) readingFrom(i *meet.Item) reading {
	r := reading{
		ID: i.UUID, Status: string(i.Status), Phase: phaseOf(string(i.Status), i.Completed),
		CompletedAt: i.CompletedAt, ScheduledAt: i.DueAt,
		WatchURL: strings.TrimRight(s.appURL, "/") + "/company/interviews/" + url.PathEscape(i.UUID) + "/watch",
	}
	if i.Summary != nil {
		r.Summary = summaryText(i.Summary.Items)
	}
	r.Rated = i.AvgRating > 0
	if i.AvgRating > 0 && i.AvgRating <= bestRating {
		score := i.AvgRating / bestRating * 100
		r.Score = &score
	}
	if r.Rated || r.Summary != "" {
		sum := sha256.Sum256(fmt.Appendf(nil, "%g\x00%s", i.AvgRating, r.Summary))
		r.RatingDigest = hex.EncodeToString(sum[:8])
	}
	return r
}

// summaryText is a line for each question.
func summaryText(items []meet.SummaryItem) string {
	var lines []string
	for _, item := range items {
		line := strings.TrimSpace(strings.TrimSpace(item.Question) + ": " + strings.TrimSpace(item.Answer))
		if line = strings.Trim(line, ": "); line != "" {
			lines = append(lines, line)
		}
	}
	text := strings.Join(lines, "\n")
	if len(text) > maxSummary {
		text = strings.ToValidUTF8(text[:maxSummary], "") + "…"
	}
	return text
}

func (s v2) errorFrom(err error) error {
	err = classify(err, s.now, meetWords)
	if ve, ok := errors.AsType[*vendorError](err); ok && errors.Is(ve.kind, ats.ErrUnauthorized) {
		ve.advice = "Spark Hire does not accept the account's client id and secret, or the recruiter's e-mail address, any more. An administrator can correct them in the integration's settings."
	}
	return err
}

// meetWords returns what Spark Hire said, for the person who acted.
func meetWords(err error) string {
	e, ok := errors.AsType[*meet.APIError](err)
	if !ok {
		return ""
	}
	text := cmp.Or(e.Reason, e.Message)
	for _, f := range e.Fields {
		text = andField(text, f.Field, f.Message)
	}
	return text
}

// noSuchCall is what API v2.0 is not known to do.
func noSuchCall(do string) error {
	text := "Spark Hire's newer API has no known way to " + do + "."
	return &vendorError{kind: ats.ErrUnsupported, text: text, err: fmt.Errorf("no call in API v2.0 to %s: %w", do, sparkhire.ErrNotSent)}
}

// refuseOnV2 refuses what API v2.0 is not known to do, before it is accepted.
func refuseOnV2(credential string, t ats.InterviewType, questionSetID string) error {
	switch {
	case !onV2(credential):
		return nil
	case t != ats.OneWay:
		return ats.Refuse(ats.CodeUnsupportedType, "type", "Spark Hire's newer API, which this account uses, has no known way to make live interviews. Choose a one-way interview, or make the live one in Spark Hire.")
	case questionSetID == "":
		return ats.Refuse(ats.CodeQuestionSetRequired, "question_set_id", "Spark Hire's newer API, which this account uses, wants a question set. Choose one.")
	}
	return nil
}
