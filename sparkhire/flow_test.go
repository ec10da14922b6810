package sparkhire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// officeT is a simulated account with an administrator, a job and a question set.
type officeT struct {
	sim      *sparkhiretest.Server
	client   *sparkhire.Client
	ana      sparkhiretest.User
	job, set string
}

func newOffice(t *testing.T, opts ...sparkhiretest.Option) *officeT {
	t.Helper()
	sim := sparkhiretest.NewServer(opts...)
	t.Cleanup(sim.Close)
	o := &officeT{sim: sim}
	o.ana = sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example", Role: sparkhiretest.Admin})
	o.job = sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse", Address: "Austin, TX, USA"}).ID
	o.set = sim.AddQuestionSet(sparkhiretest.QuestionSet{
		Name: "Nursing screen", Questions: []sparkhiretest.Question{{Text: "Why this ward?", TimeLimit: 120, Takes: 2}},
	}).ID
	client, err := sparkhire.New(o.ana.Key,
		sparkhire.WithBaseURL(sim.V1URL()), sparkhire.WithBackoff(time.Nanosecond, time.Nanosecond))
	require.NoError(t, err)
	o.client = client
	return o
}

func (o *officeT) invitation() *sparkhire.CreateInterviewRequest {
	return &sparkhire.CreateInterviewRequest{
		Type: sparkhire.TypeOneWay, JobUUID: o.job, QuestionSetUUID: o.set, ScheduledAt: nextWeek(),
		Candidate: sparkhire.Candidate{FirstName: "Lena", LastName: "Fox", Email: "lena.fox@mail.example"},
	}
}

// both runs a story against bare answers and against wrapped ones.
func both(t *testing.T, story func(t *testing.T, o *officeT)) {
	t.Helper()
	t.Run("bare", func(t *testing.T) { t.Parallel(); story(t, newOffice(t)) })
	t.Run("wrapped", func(t *testing.T) { t.Parallel(); story(t, newOffice(t, sparkhiretest.WithEnvelope())) })
}

func TestStoryOfAnInterview(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, o *officeT) {
		t.Helper()
		ctx, c := t.Context(), o.client
		created, err := c.Interviews.Create(ctx, o.invitation())
		require.NoError(t, err)
		require.Equal(t, sparkhire.TypeOneWay, created.Type)
		require.Equal(t, "lena.fox@mail.example", created.AssignedTo.Email)
		require.Equal(t, o.job, created.JobPost.UUID)
		require.Equal(t, "Ana Ruiz", created.CreatedBy.Name)
		require.False(t, created.Completed())
		require.Len(t, o.sim.InvitationsTo("lena.fox@mail.example"), 1)

		later := time.Now().AddDate(0, 0, 9).UTC().Truncate(time.Second)
		moved, err := c.Interviews.Update(ctx, created.UUID, &sparkhire.UpdateInterviewRequest{ScheduledAt: &later})
		require.NoError(t, err)
		require.Equal(t, later, moved.ScheduledAt)

		require.NoError(t, o.sim.Accept(created.UUID))
		require.NoError(t, o.sim.Complete(created.UUID))
		done, err := c.Interviews.Get(ctx, created.UUID)
		require.NoError(t, err)
		require.True(t, done.Completed())

		_, err = c.ShareLinks.GetBasic(ctx, created.UUID)
		require.ErrorIs(t, err, sparkhire.ErrNotFound)
		link, err := c.ShareLinks.CreateBasic(ctx, created.UUID)
		require.NoError(t, err)
		require.NotEmpty(t, link.URL)
		again, err := c.ShareLinks.GetBasic(ctx, created.UUID)
		require.NoError(t, err)
		require.Equal(t, link.URL, again.URL)
		_, err = c.ShareLinks.UpdateBasic(ctx, created.UUID, link.UUID, &sparkhire.UpdateBasicShareLinkRequest{Active: new(false)})
		require.NoError(t, err)

		require.NoError(t, c.Interviews.Delete(ctx, created.UUID))
		_, err = c.Interviews.Get(ctx, created.UUID)
		require.ErrorIs(t, err, sparkhire.ErrNotFound)
		require.True(t, sparkhire.IsGone(err))
	})
}

func TestStoryOfAnExpiredInterview(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	interview, err := o.client.Interviews.Create(t.Context(), o.invitation())
	require.NoError(t, err)
	require.NoError(t, o.sim.Expire(interview.UUID))
	_, err = o.client.Interviews.Get(t.Context(), interview.UUID)
	require.ErrorIs(t, err, sparkhire.ErrGone)
	require.True(t, sparkhire.IsGone(err))
	require.NoError(t, o.sim.Reschedule(interview.UUID, nextWeek()))
	_, err = o.client.Interviews.Get(t.Context(), interview.UUID)
	require.NoError(t, err, "a deadline can be extended")
}

func TestStoryOfQuestions(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, o *officeT) {
		t.Helper()
		ctx, c := t.Context(), o.client
		set, err := c.QuestionSets.Create(ctx, &sparkhire.CreateQuestionSetRequest{
			Name: "Night shift", Questions: []sparkhire.CreateQuestionRequest{{Text: "Why nights?", TimeLimit: 60, Takes: 1}},
		})
		require.NoError(t, err)
		require.Equal(t, 60, set.Questions[0].TimeLimit)
		set, err = c.QuestionSets.Update(ctx, set.UUID, &sparkhire.UpdateQuestionSetRequest{
			Name: new("Nights"), Questions: []sparkhire.CreateQuestionRequest{{Text: "Why?"}, {Text: "Since when?"}},
		})
		require.NoError(t, err)
		require.Equal(t, "Nights", set.Name)
		require.Len(t, set.Questions, 2)

		request := o.invitation()
		request.QuestionSetUUID = set.UUID
		interview, err := c.Interviews.Create(ctx, request)
		require.NoError(t, err)
		question, err := c.Questions.Create(ctx, interview.UUID, &sparkhire.CreateQuestionRequest{Text: "Anything else?", Takes: 2})
		require.NoError(t, err)
		question, err = c.Questions.Update(ctx, interview.UUID, question.UUID, &sparkhire.UpdateQuestionRequest{Text: new("And?"), Takes: new(3)})
		require.NoError(t, err)
		require.Equal(t, []any{"And?", 3}, []any{question.Text, question.Takes})
		questions, err := c.Questions.List(ctx, interview.UUID)
		require.NoError(t, err)
		require.Len(t, questions, 3)
		require.NoError(t, c.Questions.Delete(ctx, interview.UUID, question.UUID))
		_, err = c.Questions.Get(ctx, interview.UUID, question.UUID)
		require.ErrorIs(t, err, sparkhire.ErrNotFound)
		require.NoError(t, c.QuestionSets.Delete(ctx, set.UUID))
	})
}

func TestStoryOfJobsAndUsers(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, o *officeT) {
		t.Helper()
		ctx, c := t.Context(), o.client
		job, err := c.Jobs.Create(ctx, &sparkhire.CreateJobRequest{Title: "Cook", Address: "Waco, TX, USA"})
		require.NoError(t, err)
		require.Equal(t, "Waco, TX, USA", job.Location.FormattedAddress)
		job, err = c.Jobs.Update(ctx, job.UUID, &sparkhire.UpdateJobRequest{Title: new("Chef"), Status: new(sparkhire.JobInactive)})
		require.NoError(t, err)
		require.Equal(t, "Chef", job.Title)
		require.False(t, job.Status.Active())
		require.NoError(t, c.Jobs.Delete(ctx, job.UUID))
		_, err = c.Jobs.Create(ctx, &sparkhire.CreateJobRequest{Title: "Cook"})
		require.ErrorIs(t, err, sparkhire.ErrInvalid)
		require.ErrorContains(t, err, "location")

		tom, err := c.Users.Create(ctx, &sparkhire.CreateUserRequest{FirstName: "Tom", LastName: "Berg", Email: "tom.berg@northwind.example"})
		require.NoError(t, err)
		made, err := c.Users.CreateIntegrationKey(ctx, tom.UUID)
		require.NoError(t, err)
		rotated, err := c.Users.RotateIntegrationKey(ctx, tom.UUID)
		require.NoError(t, err)
		require.NotEqual(t, string(made.APIKey), string(rotated.APIKey))
		as := func(k sparkhire.Secret) (*sparkhire.User, error) {
			tc, err := sparkhire.New(string(k), sparkhire.WithBaseURL(o.sim.V1URL()))
			require.NoError(t, err)
			return tc.Me.Get(ctx)
		}
		_, err = as(made.APIKey)
		require.ErrorIs(t, err, sparkhire.ErrUnauthorized)
		me, err := as(rotated.APIKey)
		require.NoError(t, err)
		require.Equal(t, "Tom Berg", me.Name)
		require.NoError(t, c.Users.RevokeIntegrationKey(ctx, tom.UUID))
		require.NoError(t, c.Users.Delete(ctx, tom.UUID))

		plan, err := c.Plan.Get(ctx)
		require.NoError(t, err)
		require.Equal(t, "Growth", plan.Name)
		require.Positive(t, plan.ActiveJobsLimit)
		company, err := c.Companies.Get(ctx, o.sim.Account().ID)
		require.NoError(t, err)
		require.NotEmpty(t, company.Name)
	})
}

func TestStoryOfAWebhook(t *testing.T) {
	t.Parallel()
	deliveries := make(chan *sparkhire.Delivery, 1)
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, err := sparkhire.ParseWebhook(sparkhire.EventInterviewCreated, r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		deliveries <- d
	})
	o := newOffice(t, sparkhiretest.WithManualDelivery(),
		sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(receiver)}))
	ctx, c := t.Context(), o.client

	hook, err := c.Webhooks.Create(ctx, &sparkhire.CreateWebhookRequest{
		URL: "https://hooks.example/InterviewCreated/4f9a1c7e2b", Event: sparkhire.EventInterviewCreated,
	})
	require.NoError(t, err)
	hooks, err := c.Webhooks.List(ctx)
	require.NoError(t, err)
	require.Equal(t, hook.UUID, hooks[0].UUID)

	interview, err := c.Interviews.Create(ctx, o.invitation())
	require.NoError(t, err)
	require.NoError(t, o.sim.Flush(ctx))
	require.Equal(t, interview.UUID, (<-deliveries).UUID)

	require.NoError(t, c.Webhooks.Replay(ctx, sparkhire.EventInterviewCreated))
	require.NoError(t, o.sim.Flush(ctx))
	require.Equal(t, interview.UUID, (<-deliveries).Interview.UUID)
	require.NoError(t, c.Webhooks.Delete(ctx, hook.UUID))
}

func TestStoryOfAdvancedShareLinks(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, o *officeT) {
		t.Helper()
		ctx, c := t.Context(), o.client
		interview, err := c.Interviews.Create(ctx, o.invitation())
		require.NoError(t, err)
		link, err := c.ShareLinks.Create(ctx, &sparkhire.CreateShareLinkRequest{
			InterviewUUID: interview.UUID, ExpiresAt: nextWeek(), AllowRatings: true,
		})
		require.NoError(t, err)
		got, err := c.ShareLinks.Get(ctx, link.UUID)
		require.NoError(t, err)
		require.Equal(t, link.URL, got.URL)
		_, err = c.ShareLinks.Update(ctx, link.UUID, &sparkhire.UpdateShareLinkRequest{AllowRatings: new(false)})
		require.NoError(t, err)
		links, err := c.ShareLinks.List(ctx, nil)
		require.NoError(t, err)
		require.Len(t, links.Items, 1)
		require.NoError(t, c.ShareLinks.Delete(ctx, link.UUID))
	})
}

// The engine's way to find out whether an invitation with an unknown outcome went out.
func TestLookingAfterAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.sim.Inject(sparkhiretest.Fault{
		Method: "POST", Path: "/interviews", When: sparkhiretest.AfterEffect, Do: sparkhiretest.LoseConnection(),
	})
	_, err := o.client.Interviews.Create(t.Context(), o.invitation())
	matches(t, err, sparkhire.ErrOutcomeUnknown, sparkhire.ErrUnavailable)

	opts := &sparkhire.InterviewListOptions{JobUUIDs: []string{o.job}, Type: []sparkhire.InterviewType{sparkhire.TypeOneWay}}
	opts.OrderBy = "created_desc"
	var found []string
	for i, err := range o.client.Interviews.All(t.Context(), opts) {
		require.NoError(t, err)
		if strings.EqualFold(i.AssignedTo.Email, "LENA.FOX@mail.example") {
			found = append(found, i.UUID)
		}
	}
	require.Len(t, found, 1)
	require.Len(t, o.sim.InvitationsTo("lena.fox@mail.example"), 1)
}

func TestAllReadsEveryPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		opts     []sparkhiretest.Option
		jobs     int
		list     *sparkhire.JobListOptions
		want     int
		requests int
	}{
		{"an empty list", nil, 0, nil, 0, 1},
		{"one page", nil, 7, nil, 7, 2},
		{"exactly one page", nil, 50, nil, 50, 2},
		{"several pages", nil, 120, nil, 120, 4},
		{"a server with a smaller maximum than was asked for", []sparkhiretest.Option{sparkhiretest.WithPageSize(20, 20)}, 50, nil, 50, 4},
		{"a server that ignores the range", []sparkhiretest.Option{sparkhiretest.WithRangeIgnored(), sparkhiretest.WithPageSize(20, 20)}, 50, nil, 20, 2},
		{"a server that answers 404 past the end", []sparkhiretest.Option{sparkhiretest.WithPastEndStatus(404)}, 60, nil, 60, 3},
		{"a server that answers 416 past the end", []sparkhiretest.Option{sparkhiretest.WithPastEndStatus(416)}, 60, nil, 60, 3},
		{"from an offset, in pages of ten", nil, 30, &sparkhire.JobListOptions{ListOptions: sparkhire.ListOptions{Offset: 5, Limit: 10}}, 25, 4},
		{"only those of a status", nil, 30, &sparkhire.JobListOptions{Status: []sparkhire.JobStatus{sparkhire.JobInactive}}, 3, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sim := sparkhiretest.NewServer(c.opts...)
			defer sim.Close()
			ana := sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
			for i := range c.jobs {
				sim.AddJob(sparkhiretest.Job{Title: fmt.Sprint("Job ", i), Inactive: i%10 == 9})
			}
			client, err := sparkhire.New(ana.Key, sparkhire.WithBaseURL(sim.V1URL()))
			require.NoError(t, err)
			for range 2 { // ranging again starts again
				sim.ForgetRequests()
				seen := map[string]bool{}
				for job, err := range client.Jobs.All(t.Context(), c.list) {
					require.NoError(t, err)
					seen[job.UUID] = true
				}
				require.Len(t, seen, c.want)
				require.Len(t, sim.Requests(), c.requests)
			}
		})
	}
}

func TestAllOfAFirstPageThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	ranges := map[string]func() error{
		"users": func() error { return last(client.Users.All(t.Context(), nil)) },
		"jobs":  func() error { return last(client.Jobs.All(t.Context(), nil)) },
		"interviews": func() error {
			return last(client.Interviews.All(t.Context(), &sparkhire.InterviewListOptions{ListOptions: sparkhire.ListOptions{Offset: 50}}))
		},
		"question sets": func() error { return last(client.QuestionSets.All(t.Context(), nil)) },
		"share links":   func() error { return last(client.ShareLinks.All(t.Context(), nil)) },
	}
	for name, all := range ranges {
		require.ErrorIs(t, all(), sparkhire.ErrNotFound, name)
	}
}

// last ranges to the end and returns the one error, which must come alone.
func last[T any](seq func(yield func(*T, error) bool)) error {
	var err error
	for item, e := range seq {
		if err != nil || item != nil {
			return errors.New("an item or a second error came with the first")
		}
		err = e
	}
	return err
}

func TestClientIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		wg.Go(func() { errs[n] = busy(t.Context(), o, n) })
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Len(t, o.sim.Interviews(), len(errs))
}

// busy is what one of several users of a client does.
func busy(ctx context.Context, o *officeT, n int) error {
	request := o.invitation()
	request.Candidate.Email = fmt.Sprintf("candidate%d@mail.example", n)
	interview, err := o.client.Interviews.Create(ctx, request)
	if err != nil {
		return err
	}
	var ids []string
	for i, err := range o.client.Interviews.All(ctx, nil) {
		if err != nil {
			return err
		}
		ids = append(ids, i.UUID)
	}
	if !slices.Contains(ids, interview.UUID) {
		return fmt.Errorf("interview %d is missing from the list", n)
	}
	_, err = o.client.Interviews.Get(ctx, "none")
	if !errors.Is(err, sparkhire.ErrNotFound) {
		return err
	}
	return nil
}
