package httpapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// TestEveryCallIsAnsweredAsTheDocumentSays makes every call once, with success. What
// the document says about bodies and answers is checked wherever a test makes a call.
func TestEveryCallIsAnsweredAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		w.account.AddUser(ats.User{ID: "ines", Admin: true})
		ines := as("ines")
		w.get("/openapi.yaml").want(http.StatusOK)
		w.get("/connections").want(http.StatusOK)
		w.get(w.connection).want(http.StatusOK)
		w.patch(w.connection, object{
			"name": "x", "time_zone": "Europe/Paris", "enabled": true, "settings": object{}, "primary_user": "asha-lind",
			"spark_hire": object{"version": "v1", "organization_key": w.admin.Key},
		}, ines...).want(http.StatusOK)
		w.get(w.connection + "/users").want(http.StatusOK)
		w.get(w.connection + "/spark-hire/jobs").want(http.StatusOK)
		w.get(w.connection + "/spark-hire/question-sets").want(http.StatusOK)
		w.get(w.connection + "/jobs").want(http.StatusOK)
		i := w.completed("Mira")
		w.get(w.connection + "/jobs/4711/candidates").want(http.StatusOK)
		w.get(w.connection + "/interviews").want(http.StatusOK)
		w.get("/interviews/" + i.ID + "/events").want(http.StatusOK)
		w.get("/interviews/"+i.ID+"/recording", ines...).want(http.StatusOK)
		body := w.candidate("Ole")
		body["key"], body["type"], body["message"] = "k", "one_way", "Hello"
		body["due"] = object{"date": "2000-02-01", "time": "14:30", "time_zone": "Asia/Tokyo"}
		lines := linesOf(w, w.post(w.connection+"/interviews/bulk", ndjson(w, body)).want(http.StatusOK).body)
		w.post("/interviews/"+lines[0].ID+"/cancel", nil).want(http.StatusOK)
		w.get("/deliveries?state=ok").want(http.StatusOK)
		w.post("/deliveries/"+i.ID+"/retry", nil).want(http.StatusAccepted)
		w.resolved("Ana")
		w.delete(w.connection + "/candidates/" + i.Candidate.ID).want(http.StatusNoContent)
		link := w.connection + "/job-links/4711"
		w.put(link, object{"spark_hire_job_id": w.nurse.ID, "question_set_id": w.set.ID}, as("asha-lind")...).want(http.StatusOK)
		w.get(link).want(http.StatusOK)
		w.delete(link, as("asha-lind")...).want(http.StatusNoContent)
		w.delete(w.connection + "/users/asha-lind").want(http.StatusNoContent)
		w.delete(w.connection).want(http.StatusNoContent)

		for id := range w.doc.operations() {
			require.True(w, w.spoken[id], "%s was not called", id)
		}
	})
}

// resolved makes an interview whose invitation is in doubt, and resolves it.
func (w *world) resolved(first string) {
	w.Helper()
	w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
	closed := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/interviews", Times: sparkhiretest.Forever, Do: sparkhiretest.Respond(http.StatusForbidden, nil, "")})
	defer closed.Remove()
	i := w.requested(first)
	w.pass(2 * time.Minute)
	w.post("/interviews/"+i.ID+"/resolve", object{"action": "send_again"}).want(http.StatusOK)
}

// operations returns the methods and paths of the document, by operation id.
func (d openAPI) operations() map[string]string {
	all := map[string]string{}
	for path, item := range d.at(d.root, "paths").(object) {
		for method, operation := range item.(object) {
			if o, ok := operation.(object); ok {
				all[o["operationId"].(string)] = strings.ToUpper(method) + " " + path
			}
		}
	}
	return all
}

func TestTheDocumentIsSound(t *testing.T) {
	t.Parallel()
	d := documented(t)
	require.Equal(t, "3.1.0", d.root["openapi"])
	for path, item := range d.at(d.root, "paths").(object) {
		for method, v := range item.(object) {
			operation, ok := v.(object)
			if !ok {
				continue
			}
			require.NotEmpty(t, operation["summary"], "%s %s", method, path)
			_, ok = d.answer(operation, 999)
			require.True(t, ok, "%s %s has no default answer", method, path)
			inPath := map[string]bool{}
			for _, of := range []any{item, operation} {
				parameters, _ := of.(object)["parameters"].([]any)
				for _, p := range parameters {
					parameter := d.resolve(p)
					require.NotNil(t, d.resolve(parameter["schema"]), "%s %s: %v", method, path, p)
					if parameter["in"] == "path" {
						inPath[parameter["name"].(string)] = true
					}
				}
			}
			for part := range strings.SplitSeq(path, "/") {
				if name, ok := strings.CutPrefix(part, "{"); ok {
					require.True(t, inPath[strings.TrimSuffix(name, "}")], "%s %s does not describe %s", method, path, part)
				}
			}
		}
	}
	for name, schema := range d.at(d.root, "components", "schemas").(object) {
		d.walk(t, name, schema)
	}
}

// walk wants every keyword of a schema to be one that the tests hold answers to, and
// every reference to lead somewhere.
func (d openAPI) walk(t *testing.T, at string, schema any) {
	t.Helper()
	s, ok := schema.(object)
	require.True(t, ok, at)
	require.NotNil(t, d.resolve(s), at)
	for keyword, v := range s {
		switch keyword {
		case "properties":
			for name, of := range v.(object) {
				d.walk(t, at+"."+name, of)
			}
		case "items":
			d.walk(t, at+"[]", v)
		case "allOf":
			for n, part := range v.([]any) {
				d.walk(t, fmt.Sprintf("%s/%d", at, n), part)
			}
		case "required":
			properties := slices.Collect(maps.Keys(d.flatten(s)["properties"].(object)))
			for _, name := range v.([]any) {
				require.Contains(t, properties, name, at)
			}
		default:
			require.Contains(t, []string{
				"$ref", "type", "description", "default", "additionalProperties", "unevaluatedProperties", "const", "enum",
				"minLength", "maxLength", "minimum", "maximum", "pattern", "format",
			}, keyword, at)
		}
	}
}

// The validator itself must find what is wrong.
func TestTheTestsFindWhatIsAgainstTheDocument(t *testing.T) {
	t.Parallel()
	d := documented(t)
	schema := func(name string) any { return d.at(d.root, "components", "schemas", name) }
	right := `{"type":"about:blank","title":"Not Found","status":404,"code":"not_found","detail":"","request_id":"x"}`
	require.Empty(t, d.problems(schema("Problem"), []byte(right)))
	for replace, by := range map[string]string{
		`"status":404`: `"status":"404"`, `404`: `200`, `"x"`: `""`, `not_found`: `Not Found`, `about:blank`: `about`,
		`"detail":"",`: ``, `{`: `{"more":1,`, `"title":"Not Found"`: `"title":null`,
	} {
		require.Len(t, d.problems(schema("Problem"), []byte(strings.Replace(right, replace, by, 1))), 1, "%s", by)
	}
	for name, wrong := range map[string]string{
		"Delivery":   `{"interview_id":"i","connection_id":"c","state":"lost","failures":0,"first_failed_at":null,"next_at":"2026-01-01 10:00","last_error":"","updated_at":"2026-01-01T10:00:00+02:00"}`,
		"BulkLine":   `{"candidate":{"id":"c","email":"e","phone":"p"},"salary":1}`,
		"OptionList": `{"items":[{"id":"x","label":""},{"id":""}]}`,
	} {
		require.Greater(t, len(d.problems(schema(name), []byte(wrong))), 1, name)
	}
	require.Empty(t, d.problems(schema("EventList"), []byte(`{"items":[{"seq":1,"kind":"sent","at":"2026-01-01T10:00:00.5Z","text":"","actor":"","data":{"a":"b"}}]}`)))
	require.NotEmpty(t, d.problems(schema("Problem"), []byte(`{`)))
}
