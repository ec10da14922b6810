package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func refuseConnection() sparkhiretest.Action { return sparkhiretest.RefuseConnection() }

func TestADeadLetterIsListedAndTriedAgain(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		body := w.candidate("Mira")
		var i shown
		w.post(w.connection+"/interviews", body, "Idempotency-Key", "k").want(http.StatusAccepted).into(&i)
		w.memory.FailNext(-1, fmt.Errorf("the card takes no such text: %w", ats.ErrInvalid))
		w.pass(2 * time.Second)
		w.memory.FailNext(0, nil)

		var page struct {
			Items []struct {
				ID     string `json:"interview_id"`
				State  string
				Error  string `json:"last_error"`
				NextAt any    `json:"next_at"`
			}
			NextCursor string `json:"next_cursor"`
		}
		w.get("/deliveries?state=dead").want(http.StatusOK).into(&page)
		require.Len(w, page.Items, 1)
		require.Equal(w, i.ID, page.Items[0].ID)
		require.Contains(w, page.Items[0].Error, "takes no such text")
		require.Nil(w, page.Items[0].NextAt)
		require.Empty(w, page.NextCursor)
		w.get("/deliveries").want(http.StatusOK).into(&page)
		require.Len(w, page.Items, 1, "dead ones, unless others are asked for")

		var d struct{ State string }
		w.post("/deliveries/"+i.ID+"/retry", nil, as("ines")...).want(http.StatusAccepted).into(&d)
		require.Equal(w, "retrying", d.State)
		w.pass(2 * time.Second)
		w.get("/deliveries").want(http.StatusOK).into(&page)
		require.Empty(w, page.Items)
		w.post("/deliveries/"+i.ID+"/retry", nil).want(http.StatusAccepted).into(&d)
		require.Equal(w, "ok", d.State, "there is nothing to try again")
		card, _ := w.memory.Card(i.ID)
		require.Equal(w, ats.StateSent, card.State)
		require.Contains(w, w.audit(), "ines: retry delivery")

		w.post("/deliveries/nobody/retry", nil).refused(404, "not_found", "")
		w.post("/deliveries/"+i.ID+"/retry", object{"now": true}).refused(422, "unknown_field", "now")
		w.get("/deliveries?state=lost").refused(422, "invalid_request", "state")
		w.get("/deliveries?cursor=x").refused(422, "invalid_request", "cursor")
		w.get("/deliveries?limit=x").refused(422, "invalid_request", "limit")
		w.get("/deliveries?interview=x").refused(422, "unknown_field", "interview")
		fresh := w.requested("Ole")
		w.post("/deliveries/"+fresh.ID+"/retry", nil).want(http.StatusAccepted)
	})
}
