package sparkhiretest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestQuestionSets(t *testing.T) {
	t.Parallel()

	t.Run("what is created can be read, changed and deleted", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		made := w.do(201, "POST", "/question_sets", object{
			"name": "Two", "questions": []any{object{"text": "A?", "time_limit": 90, "takes": 3}, object{"text": "B?"}},
		}).object()
		path := "/question_sets/" + made["uuid"].(string)
		require.Equal(t, made, w.do(200, "GET", path, nil).object())
		questions := made["questions"].([]any)
		first, second := questions[0].(object), questions[1].(object)
		require.Equal(t, object{
			"uuid": first["uuid"], "text": "A?", "time_limit": 90.0, "takes": 3.0, "think_time": "unlimited",
		}, first)
		require.Equal(t, object{
			"uuid": second["uuid"], "text": "B?", "time_limit": nil, "takes": nil, "think_time": "unlimited",
		}, second)
		require.NotEqual(t, first["uuid"], second["uuid"])

		changed := w.do(200, "PUT", path, object{"questions": []any{object{"text": "C?"}}}).object()
		require.Equal(t, "Two", changed["name"], "PUT merges")
		require.Len(t, changed["questions"], 1)
		w.do(204, "DELETE", path, nil)
		w.do(404, "GET", path, nil)
		require.Equal(t, []any{"Nursing screen"}, w.do(200, "GET", "/question_sets", nil).values("name"))
		_, ok := w.QuestionSet(made["uuid"].(string))
		require.False(t, ok)
	})
	t.Run("limiting the think time allows one take", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for _, think := range []any{30, "30"} {
			made := w.do(201, "POST", "/question_sets", object{
				"name": "x", "questions": []any{object{"text": "A?", "takes": 3, "think_time": think}},
			}).object()
			question := made["questions"].([]any)[0].(object)
			require.Equal(t, "30", question["think_time"])
			require.InDelta(t, 1, question["takes"], 0)
		}
	})
	t.Run("a bad body is refused with the field's name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		eleven := slices.Repeat([]any{object{"text": "A?"}}, 11)
		for name, tt := range map[string]struct {
			body   object
			reason string
		}{
			"no name":                 {object{}, "name"},
			"a title instead":         {object{"title": "x"}, "name"},
			"questions not a list":    {object{"name": "x", "questions": "A?"}, "questions"},
			"eleven questions":        {object{"name": "x", "questions": eleven}, "questions"},
			"a question without text": {object{"name": "x", "questions": []any{object{"takes": 1}}}, "questions[0]: text"},
			"a question as a string":  {object{"name": "x", "questions": []any{"A?"}}, "questions"},
			"a negative limit": {
				object{"name": "x", "questions": []any{object{"text": "A?", "time_limit": -1}}}, "time_limit",
			},
		} {
			require.Contains(t, w.do(400, "POST", "/question_sets", tt.body).reason(), tt.reason, name)
		}
	})
	t.Run("PUT can replace", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithPutReplaces())
		path := "/question_sets/" + w.set.ID
		require.Contains(t, w.do(400, "PUT", path, object{"questions": []any{}}).reason(), "name")
		require.Empty(t, w.do(200, "PUT", path, object{"name": "x"}).object()["questions"])
	})
}

func TestInterviewQuestions(t *testing.T) {
	t.Parallel()

	t.Run("an interview has copies of its set's questions", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		path := "/interviews/" + w.invite() + "/questions"
		own := w.do(200, "GET", path, nil).list()[0]
		require.Equal(t, "Why this ward?", own["text"])
		require.NotEqual(t, w.set.Questions[0].ID, own["uuid"])
		w.do(200, "PUT", "/question_sets/"+w.set.ID, object{"questions": []any{}})
		require.Len(t, w.do(200, "GET", path, nil).list(), 1)
	})
	t.Run("they can be added, changed and removed until the candidate accepts", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		path := "/interviews/" + id + "/questions"
		one := path + "/" + w.do(201, "POST", path, object{"text": "Why nights?", "takes": 2}).object()["uuid"].(string)
		changed := w.do(200, "PUT", one, object{"text": "Why days?"}).object()
		require.InDelta(t, 2, changed["takes"], 0)
		require.Equal(t, changed, w.do(200, "GET", one, nil).object())
		shown := w.do(200, "GET", "/interviews/"+id, nil).object()["questions"]
		require.Equal(t, []any{"Why this ward?", "Why days?"}, []any{
			shown.([]any)[0].(object)["text"], shown.([]any)[1].(object)["text"],
		})
		w.do(204, "DELETE", one, nil)
		w.do(404, "GET", one, nil)
		require.Contains(t, w.do(400, "POST", path, object{"text": ""}).reason(), "text")

		require.NoError(t, w.Accept(id))
		left := w.do(200, "GET", path, nil).values("uuid")[0].(string)
		require.Contains(t, w.do(400, "POST", path, object{"text": "Late?"}).reason(), "accepted")
		w.do(400, "PUT", path+"/"+left, object{"text": "Late?"})
		w.do(400, "DELETE", path+"/"+left, nil)
	})
	t.Run("there are at most ten", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		path := "/interviews/" + w.invite() + "/questions"
		for range 9 {
			w.do(201, "POST", path, object{"text": "More?"})
		}
		require.Contains(t, w.do(400, "POST", path, object{"text": "More?"}).reason(), "10")
	})
	t.Run("PUT can replace", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithPutReplaces())
		path := "/interviews/" + w.invite() + "/questions"
		one := path + "/" + w.do(200, "GET", path, nil).values("uuid")[0].(string)
		require.Nil(t, w.do(200, "PUT", one, object{"text": "x"}).object()["takes"])
	})
}
