package ledger

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

func interviewToRow(i store.Interview) (rows.Interview, error) {
	var errs []error
	text := func(doc any) string {
		s, err := encode(doc)
		if err != nil {
			errs = append(errs, err)
		}
		return s
	}
	row := rows.Interview{
		ID: i.ID, ConnectionID: i.ConnectionID,
		RequestKey: i.RequestKey, RequestDigest: i.RequestDigest, ScopeKey: i.ScopeKey,
		State: string(i.State), Revision: i.Revision,
		Adapter: i.Tenant.Adapter, Tenant: i.Tenant.Tenant,
		Type: string(i.Type), Origin: string(i.Origin),
		CandidateID: i.Candidate.ID, Candidate: text(candidateToDoc(i.Candidate)),
		JobID:       i.Job.ID,
		Job:         text(jobDoc{Title: i.Job.Title, Status: i.Job.Status, City: i.Job.City, Region: i.Job.Region, Country: i.Job.Country}),
		SparkHireID: i.SparkHire.InterviewID,
		SparkHire: text(sparkHireDoc{
			JobID: i.SparkHire.JobID, QuestionSetID: i.SparkHire.QuestionSetID, Status: i.SparkHire.Status,
			WatchURL: i.SparkHire.WatchURL, ShareURL: i.SparkHire.ShareURL, Score: i.SparkHire.Score,
			Summary: i.SparkHire.Summary, Announced: i.Announced,
		}),
		Message:        i.Message,
		RequestedBy:    text(userDoc(i.RequestedBy)),
		RequestedForID: i.RequestedFor.ID, RequestedFor: text(userDoc(i.RequestedFor)),
		Remarks:    text(remarksDoc{Reason: reasonToDoc(i.Reason), Notice: reasonToDoc(i.Notice)}),
		ReplyTo:    string(i.ReplyTo),
		Credential: i.Credential,
		Attempt:    int64(i.Attempt), AttemptAt: micros(i.AttemptAt), NextAt: micros(i.NextAt),
		CancelBy: i.CancelBy, CancelAt: micros(i.CancelAt),
		SparkHireScheduledAt: micros(i.SparkHireScheduledAt), RatingDigest: i.RatingDigest,
		Acknowledged: string(i.Acknowledged), ReportedRevision: i.ReportedRevision,
		CreatedAt: micros(i.CreatedAt), UpdatedAt: micros(i.UpdatedAt), CompletedAt: micros(i.CompletedAt),
		EndedAt: micros(i.EndedAt), ErasedAt: micros(i.ErasedAt),
	}
	if !i.Schedule.IsZero() {
		row.Schedule = text(scheduleToDoc(i.Schedule))
	}
	return row, errors.Join(errs...)
}

func interviewFromRow(row rows.Interview) (store.Interview, error) {
	candidate, err1 := decode[candidateDoc](row.Candidate)
	job, err2 := decode[jobDoc](row.Job)
	sparkHire, err3 := decode[sparkHireDoc](row.SparkHire)
	schedule, err4 := decode[scheduleDoc](row.Schedule)
	requestedBy, err5 := decode[userDoc](row.RequestedBy)
	requestedFor, err6 := decode[userDoc](row.RequestedFor)
	remarks, err7 := decode[remarksDoc](row.Remarks)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		return store.Interview{}, err
	}
	i := store.Interview{
		Interview: ats.Interview{
			ID: row.ID, ConnectionID: row.ConnectionID, Tenant: ats.TenantRef{Adapter: row.Adapter, Tenant: row.Tenant},
			State: ats.State(row.State), Revision: row.Revision, Type: ats.InterviewType(row.Type), Origin: ats.Origin(row.Origin),
			Candidate: candidateFromDoc(row.CandidateID, candidate),
			Job:       ats.Job{ID: row.JobID, Title: job.Title, Status: job.Status, City: job.City, Region: job.Region, Country: job.Country},
			SparkHire: ats.SparkHire{
				InterviewID: row.SparkHireID, JobID: sparkHire.JobID, QuestionSetID: sparkHire.QuestionSetID, Status: sparkHire.Status,
				WatchURL: sparkHire.WatchURL, ShareURL: sparkHire.ShareURL, Score: sparkHire.Score, Summary: sparkHire.Summary,
			},
			Message:     row.Message,
			RequestedBy: ats.User(requestedBy), RequestedFor: ats.User(requestedFor),
			Reason: reasonFromDoc(remarks.Reason), Notice: reasonFromDoc(remarks.Notice),
			ReportedRevision: row.ReportedRevision,
			CreatedAt:        fromMicros(row.CreatedAt), UpdatedAt: fromMicros(row.UpdatedAt), CompletedAt: fromMicros(row.CompletedAt),
		},
		RequestKey: row.RequestKey, RequestDigest: row.RequestDigest, ScopeKey: row.ScopeKey, ReplyTo: raw(row.ReplyTo),
		Credential: row.Credential, Attempt: int(row.Attempt), AttemptAt: fromMicros(row.AttemptAt), NextAt: fromMicros(row.NextAt),
		CancelBy: row.CancelBy, CancelAt: fromMicros(row.CancelAt),
		Announced:            sparkHire.Announced,
		SparkHireScheduledAt: fromMicros(row.SparkHireScheduledAt), RatingDigest: row.RatingDigest,
		Acknowledged: ats.State(row.Acknowledged), EndedAt: fromMicros(row.EndedAt), ErasedAt: fromMicros(row.ErasedAt),
	}
	if row.Schedule != "" {
		i.Schedule = scheduleFromDoc(schedule)
	}
	return i, nil
}

// asStored returns the interview as reading it back would.
func asStored(i store.Interview) store.Interview {
	for _, t := range []*time.Time{
		&i.AttemptAt, &i.NextAt, &i.CancelAt, &i.SparkHireScheduledAt, &i.CreatedAt, &i.UpdatedAt,
		&i.CompletedAt, &i.EndedAt, &i.ErasedAt, &i.Schedule.At,
	} {
		*t = store.Time(*t)
	}
	i.Candidate.Raw, i.Job.Raw, i.Repeated = nil, nil, false
	if len(i.Candidate.CustomFields) == 0 {
		i.Candidate.CustomFields = nil
	}
	if len(i.Announced) == 0 {
		i.Announced = nil
	}
	if len(i.ReplyTo) == 0 {
		i.ReplyTo = nil
	}
	if i.Schedule.IsZero() {
		i.Schedule = ats.Schedule{}
	}
	return i
}

func interviewsFromRows(rs []rows.Interview) ([]store.Interview, error) {
	var is []store.Interview
	for _, row := range rs {
		i, err := interviewFromRow(row)
		if err != nil {
			return nil, err
		}
		is = append(is, i)
	}
	return is, nil
}

func eventsFromRows(rs []rows.Event) ([]ats.Event, error) {
	var es []ats.Event
	for _, row := range rs {
		data, err := decode[map[string]string](row.Data)
		if err != nil {
			return nil, err
		}
		es = append(es, ats.Event{
			Seq: row.Seq, Key: row.Key, Kind: ats.EventKind(row.Kind), At: fromMicros(row.At),
			Text: row.Text, Actor: row.Actor, Data: data,
		})
	}
	return es, nil
}

func eventToRow(interviewID string, e ats.Event) (rows.Event, error) {
	row := rows.Event{
		InterviewID: interviewID, Key: e.Key, Kind: string(e.Kind), At: micros(e.At),
		Text: e.Text, Actor: e.Actor, Reportable: bit(e.Kind.Reportable()),
	}
	if len(e.Data) > 0 {
		data, err := encode(e.Data)
		if err != nil {
			return row, err
		}
		row.Data = data
	}
	return row, nil
}

func connectionFromRows(row rows.Connection, users []rows.User) store.Connection {
	c := store.Connection{
		ID: row.ID, Tenant: ats.TenantRef{Adapter: row.Adapter, Tenant: row.Tenant}, Name: row.Name, TimeZone: row.TimeZone,
		Enabled: row.Enabled == 1, Connected: row.Connected == 1, Settings: raw(row.Settings),
		CredentialDigest: row.CredentialDigest, APIVersion: row.APIVersion,
		OrganizationKey: row.OrganizationKey, OrganizationCredential: row.OrganizationCredential, PrimaryUser: row.PrimaryUser,
		CreatedAt: fromMicros(row.CreatedAt), UpdatedAt: fromMicros(row.UpdatedAt),
	}
	for _, u := range users {
		c.Users = append(c.Users, store.User{
			ID: u.ID, Name: u.Name, Email: u.Email, TimeZone: u.TimeZone,
			Key: u.SealedKey, KeyHint: u.KeyHint, Credential: u.Credential,
		})
	}
	return c
}

func deliveryFromRow(row rows.Delivery) store.Delivery {
	return store.Delivery{
		InterviewID: row.InterviewID, ConnectionID: row.ConnectionID, State: store.DeliveryState(row.State),
		Failures: int(row.Failures), FirstFailedAt: fromMicros(row.FirstFailedAt), NextAt: fromMicros(row.NextAt),
		LastError: row.LastError, UpdatedAt: fromMicros(row.UpdatedAt),
	}
}

// raw returns stored JSON; nil when there is none.
func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}
