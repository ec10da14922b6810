package httpapi_test

import (
	"bytes"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// TestErasureRemovesBytes looks for the candidate in the files of the database, while
// the engine is at work.
func TestErasureRemovesBytes(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		i := w.completed("Mirabellina")
		other := w.sent("Ole")
		require.True(w, w.inFiles("mirabellina"), "else the test proves nothing")
		path := w.connection + "/candidates/" + i.Candidate.ID
		w.delete(path, as("ines")...).want(http.StatusNoContent)
		require.False(w, w.inFiles("mirabellina"))
		w.delete(path).want(http.StatusNoContent)
		w.delete(w.connection + "/candidates/nobody").want(http.StatusNoContent)
		w.delete("/connections/nobody/candidates/x").refused(404, "not_found", "")
		w.pass(time.Hour)
		require.False(w, w.inFiles("mirabellina"))
		require.True(w, w.inFiles("ole.falk"), "nobody else is erased")

		var shown object
		w.get("/interviews/" + i.ID).want(http.StatusOK).into(&shown)
		require.Equal(w, object{"id": i.Candidate.ID, "first_name": "", "last_name": "", "email": ""}, shown["candidate"])
		require.Equal(w, "completed", shown["state"])
		require.Equal(w, "sent", w.read(other.ID).State)

		// The same request again is still the same one.
		body := w.candidate("Mirabellina")
		body["candidate"].(object)["id"] = i.Candidate.ID
		w.post(w.connection+"/interviews", body, "Idempotency-Key", "key-of-Mirabellina").want(http.StatusAccepted)
		require.Contains(w, w.audit(), "ines: erase candidate (1 interviews)")
	})
}

// inFiles reports whether any file of the database has the text, in whatever case.
func (w *world) inFiles(text string) bool {
	w.Helper()
	found := false
	for _, suffix := range []string{"", "-wal", "-shm"} {
		file, err := os.ReadFile(w.path + suffix)
		if !os.IsNotExist(err) {
			require.NoError(w, err)
		}
		found = found || bytes.Contains(bytes.ToLower(file), []byte(text))
	}
	return found
}

// audit returns the audit log as "actor: action".
func (w *world) audit() []string {
	w.Helper()
	rows, err := w.ledger.DB().QueryContext(w.Context(), `SELECT actor || ': ' || action || CASE detail WHEN '' THEN '' ELSE ' (' || detail || ')' END FROM sparkbridge_audit ORDER BY id`)
	require.NoError(w, err)
	defer func() { require.NoError(w, rows.Close()) }()
	var lines []string
	for rows.Next() {
		var line string
		require.NoError(w, rows.Scan(&line))
		lines = append(lines, line)
	}
	require.NoError(w, rows.Err())
	return lines
}

func TestChangesAreAuditedWithWhoMadeThem(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		w.account.AddUser(ats.User{ID: "ines"})
		before := len(w.audit())
		w.patch(w.connection, object{"name": "x", "settings": object{"hide_score": true}}, as("ines")...).want(http.StatusOK)
		w.patch(w.connection, object{"spark_hire": object{"organization_key": w.admin.Key}}, as("ines")...).want(http.StatusOK)
		w.put(w.connection+"/users/bo", object{"name": "Bo"}, as("ines")...).want(http.StatusOK)
		w.delete(w.connection+"/users/bo", as("ines")...).want(http.StatusNoContent)
		i := w.sent("Mira")
		w.post("/interviews/"+i.ID+"/cancel", nil, as("ines")...).want(http.StatusOK)
		w.pass(5 * time.Second)
		w.delete(w.connection+"/candidates/"+i.Candidate.ID, as("ines")...).want(http.StatusNoContent)
		w.delete(w.connection, as("ines")...).want(http.StatusNoContent)
		w.patch(w.connection, object{"name": "y"}, as("ines")...).refused(422, "connection_disconnected", "")
		require.Equal(w, []string{
			"ines: update connection (name, settings.hide_score)",
			"ines: update connection (spark_hire.organization_key)",
			"ines: save user bo", "ines: remove user bo", "ines: cancel", "ines: erase candidate (1 interviews)", "ines: disconnect",
		}, w.audit()[before:])
	})
}

func TestNothingPersonalAndNoKeyIsLogged(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		i := w.completed("Mirabellina")
		w.account.AddUser(ats.User{ID: "ines"})
		w.put(w.connection+"/users/bo", object{"name": "Bo Ekman", "api_key": "key-of-nobody"}).refused(422, "invalid_key", "api_key")
		w.post(w.connection+"/interviews", w.candidate("Mirabellina"), "Sparkbridge-Actor-Id", "ines", "Sparkbridge-Actor-Name", "Ines Kvist").want(422)
		w.get("/interviews/"+i.ID+"/recording", as("ines")...).want(http.StatusOK)
		w.spark.StartOutage(refuseConnection())
		w.put(w.connection+"/users/bo", object{"name": "Bo Ekman", "api_key": "key-of-nobody"}).refused(503, "unavailable", "")
		row, err := w.ledger.GetInterview(w.Context(), i.ID)
		require.NoError(w, err)
		log := w.log.String()
		require.Contains(w, log, "call failed")
		for _, secret := range []string{"irabellina", "Falk", "Ekman", "Kvist", "key-of-nobody", token, w.asha.Key, row.SparkHire.ShareURL} {
			require.NotContains(w, log, secret)
		}
	})
}
