package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// deliveriesView is a list of reports that did not arrive.
type deliveriesView struct {
	State      store.DeliveryState
	States     []store.DeliveryState
	Deliveries []deliveryRow
	Next       string
}

type deliveryRow struct {
	store.Delivery
	FirstFailed, Again moment
}

func (c *Console) deliveries(w http.ResponseWriter, r *http.Request, s session) error {
	return c.showDeliveries(w, r, s, nil)
}

func (c *Console) showDeliveries(w http.ResponseWriter, r *http.Request, s session, failed error) error {
	v := deliveriesView{State: store.DeliveryDead, States: []store.DeliveryState{store.DeliveryDead, store.DeliveryRetrying, store.DeliveryGone}}
	filters := url.Values{}
	if state := r.URL.Query().Get("state"); state != "" {
		v.State = store.DeliveryState(state)
		filters.Set("state", state)
	}
	if !slices.Contains(v.States, v.State) {
		c.tell(w, r, s, http.StatusUnprocessableEntity, "Deliveries are dead, retrying or gone.")
		return nil
	}
	ds, next, err := c.engine.ListDeliveries(r.Context(), store.ListDeliveriesParams{State: v.State, Cursor: r.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	v.Next = nextPage(next, filters)
	at := moments("")
	for _, d := range ds {
		v.Deliveries = append(v.Deliveries, deliveryRow{d, at(d.FirstFailedAt), at(d.NextAt)})
	}
	f, status := frame{Title: "Deliveries", Session: s, View: v}, http.StatusOK
	if failed != nil {
		status, f.Problem = c.explain(w, r, ats.Policy{}, failed)
	}
	c.showWith(w, r, status, "deliveries", f)
	return nil
}

func (c *Console) retryDelivery(w http.ResponseWriter, r *http.Request, s session) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	k, err := c.known(r, s, r.PostForm.Get("interview_id"))
	if err == nil {
		err = c.engine.RetryDelivery(r.Context(), k.interview.ID, k.actor)
	}
	if err != nil {
		return c.showDeliveries(w, r, s, err)
	}
	c.back(w, r, c.link("/deliveries"), "retried")
	return nil
}

// maxForm bounds the body of a form.
const maxForm = 64 << 10

// parseForm reads what a form says.
func parseForm(w http.ResponseWriter, r *http.Request) error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && r.ContentLength != 0 {
		return ats.Refuse(codeIncomplete, "", "This address takes forms only.")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return ats.Refuse(codeIncomplete, "", "The form could not be read.")
	}
	if !readable(r.PostForm) {
		return ats.Refuse(codeIncomplete, "", "The form has characters that none has.")
	}
	return nil
}

// readable reports whether values are text: what else people have typed or pasted no
// database takes.
func readable(values url.Values) bool {
	for _, all := range values {
		for _, v := range all {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return false
			}
		}
	}
	return true
}

// back goes to a page that says what was done.
func (c *Console) back(w http.ResponseWriter, r *http.Request, page, word string) {
	http.Redirect(w, r, page+"?"+url.Values{"done": {word}}.Encode(), http.StatusSeeOther)
}
