package httpapi

import (
	"net/http"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// delivery is how reporting an interview to the ATS stands.
type delivery struct {
	InterviewID   string              `json:"interview_id"`
	ConnectionID  string              `json:"connection_id"`
	State         store.DeliveryState `json:"state"`
	Failures      int                 `json:"failures"`
	FirstFailedAt *time.Time          `json:"first_failed_at"`
	NextAt        *time.Time          `json:"next_at"`
	LastError     string              `json:"last_error"`
	UpdatedAt     *time.Time          `json:"updated_at"`
}

func deliveryOf(d store.Delivery) delivery {
	return delivery{
		InterviewID: d.InterviewID, ConnectionID: d.ConnectionID, State: d.State, Failures: d.Failures,
		FirstFailedAt: timeOf(d.FirstFailedAt), NextAt: timeOf(d.NextAt), LastError: d.LastError, UpdatedAt: timeOf(d.UpdatedAt),
	}
}

// listDeliveries lists dead letters, unless another state is asked for.
func (a *api) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "state", "limit", "cursor")
	if err != nil {
		return err
	}
	limit, err := limitOf(q)
	if err != nil {
		return err
	}
	state := store.DeliveryDead
	if text := q.Get("state"); text != "" {
		state = store.DeliveryState(text)
	}
	if !slices.Contains([]store.DeliveryState{store.DeliveryOK, store.DeliveryRetrying, store.DeliveryDead, store.DeliveryGone}, state) {
		return refuse(codeInvalidRequest, "state", "Write ok, retrying, dead or gone.")
	}
	ds, next, err := a.engine.ListDeliveries(r.Context(), store.ListDeliveriesParams{State: state, Limit: limit, Cursor: q.Get("cursor")})
	if err != nil {
		return cursorError(err)
	}
	return a.answer(w, r, http.StatusOK, pageOf(ds, deliveryOf, next))
}

func (a *api) retryDelivery(w http.ResponseWriter, r *http.Request) error {
	if err := decodeNothing(w, r); err != nil {
		return err
	}
	k, err := a.interview(r, "interview_id")
	if err != nil {
		return err
	}
	if err := a.engine.RetryDelivery(r.Context(), k.interview.ID, k.actor); err != nil {
		return err
	}
	d, err := a.engine.Delivery(r.Context(), k.interview.ID)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusAccepted, deliveryOf(d))
}
