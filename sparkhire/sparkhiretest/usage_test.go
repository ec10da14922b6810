package sparkhiretest_test

import (
	"testing"

	"github.com/sparkbridge/sparkbridge/sparkhire"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// What the README shows: a test of somebody's own code on the simulator.
func TestReportCountsQuestionSets(t *testing.T) {
	t.Parallel()
	server := sparkhiretest.NewServer()
	defer server.Close()
	user := server.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	server.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})

	client, err := sparkhire.New(user.Key, sparkhire.WithBaseURL(server.V1URL()))
	if err != nil {
		t.Fatal(err)
	}
	page, err := client.QuestionSets.List(t.Context(), nil)
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%d question sets, %v", len(page.Items), err)
	}
}
