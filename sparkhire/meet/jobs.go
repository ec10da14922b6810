package meet

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// Job is a position that assessments belong to [observed: docs/vendors/sparkhire.md]. The one in an
// [Item] has no Raw of its own: it is part of the item's.
type Job struct {
	UUID  string `json:"uuid"`
	Title string `json:"title"`

	Raw json.RawMessage `json:"-"` // as received
}

// JobsService lists jobs. They are made on the website.
type JobsService service

// List returns the jobs that the requester may see, in the vendor's order; no filter and no paging
// are known, nor whether inactive jobs are among them. It changes nothing, which makes it the way to
// check credentials and a requester: no other call is known for that.
//
// GET /partners/jobs, https://meet-api.sparkhire.com/
func (s *JobsService) List(ctx context.Context, opts ...CallOption) ([]*Job, error) {
	return call(ctx, s.client, &httpx.Request{Method: http.MethodGet, Path: "/partners/jobs"}, opts, decodeList[Job])
}

// LogValue is the job's uuid.
func (j Job) LogValue() slog.Value { return logUUID(j.UUID) }

func (j Job) id() string { return j.UUID }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (j *Job) UnmarshalJSON(b []byte) error {
	type plain Job
	j.Raw = bytes.Clone(b)
	return wire.Fill(b, &struct {
		*plain
		Title textInto `json:"title"`
	}{(*plain)(j), textInto{&j.Title}})
}

// logUUID is how an object appears in a log, with what else may be seen of it.
func logUUID(uuid string, attrs ...slog.Attr) slog.Value {
	return slog.GroupValue(append([]slog.Attr{slog.String("uuid", uuid)}, attrs...)...)
}
