package sparkhiretest_test

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// everyKind makes one record of each kind and returns what turns their names in a path into UUIDs.
func (w *world) everyKind() *strings.Replacer {
	w.t.Helper()
	other := w.AddUser(sparkhiretest.User{Name: "Ida Holm", Email: "ida.holm@northwind.example"})
	keyless := w.AddUser(sparkhiretest.User{Name: "Udo Kern", Email: "udo.kern@northwind.example"})
	w.do(204, "DELETE", "/users/"+keyless.ID+"/integration_key", nil)
	interview := w.invite()
	questions := w.do(200, "GET", "/interviews/"+interview+"/questions", nil).list()
	require.Len(w.t, questions, 1)
	basic := w.do(201, "POST", "/interviews/"+interview+"/share_link", nil).object()
	advanced := w.do(201, "POST", "/share_links", object{"interview_uuid": interview}).object()
	return strings.NewReplacer(
		"COMPANY", w.Account().ID, "USER", other.ID, "KEYLESS", keyless.ID, "JOB", w.job.ID, "SET", w.set.ID,
		"INTERVIEW", interview, "QUESTION", questions[0]["uuid"].(string), "BASIC", basic["uuid"].(string),
		"LINK", advanced["uuid"].(string), "WEBHOOK", w.subscribe("InterviewCreated"),
	)
}

func joined(words []string) string { return strings.Join(words, " ") }
