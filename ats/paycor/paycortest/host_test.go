package paycortest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

var maya = paycortest.CandidateRef{LegalEntityID: 501200, AccountID: "a1", JobID: "j1", CandidateID: "c1"}

const mayaJSON = `{"legalEntityId":501200,"atsAccountId":"a1","jobId":"j1","candidateId":"c1"}`

type hostWorld struct{ *paycortest.Host }

func newHost(t *testing.T) hostWorld {
	t.Helper()
	h := paycortest.NewHost(paycortest.InMemory())
	t.Cleanup(h.Close)
	h.AddCandidate(maya)
	return hostWorld{h}
}

func (h hostWorld) send(t *testing.T, method, path, body, key string) answer {
	t.Helper()
	header := map[string]string{"Authorization": "Bearer " + h.Token(), "Content-Type": "application/json"}
	if key != "" {
		header["Idempotency-Key"] = key
	}
	return send(t, h.Client(), method, h.URL+path, body, header)
}

func item(key, text, more string) string {
	return fmt.Sprintf(`{"key":%q,"kind":"video_interview.requested","text":%q,"candidate":%s,"at":"2026-03-10T14:22:05Z"%s}`, key, text, mayaJSON, more)
}

func (h hostWorld) add(t *testing.T, key, text, more string) int {
	t.Helper()
	return h.send(t, http.MethodPost, "/v1/newsfeed-items", item(key, text, more), key).status
}

func tab(revision int, more string) string {
	return fmt.Sprintf(`{"candidate":%s,"tab":{"revision":%d,"state":"requested","label":"Video Interview Requested","viewAvailable":false,"canCancel":true,"canRequest":false%s}}`,
		mayaJSON, revision, more)
}

func TestHostWantsItsToken(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	for _, authorization := range []string{"", "Bearer x", "Token " + h.Token()} {
		got := send(t, h.Client(), http.MethodPost, h.URL+"/v1/actor", `{"credential":"x"}`, map[string]string{"Authorization": authorization})
		require.Equal(t, http.StatusUnauthorized, got.status)
		require.NotEmpty(t, got.header.Get("WWW-Authenticate"))
	}
	require.Zero(t, h.Counts())
}

func TestActors(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	credential := h.AddUser(paycortest.UserConfig{ID: 910233, Email: "t.lindqvist@harborlane.example", Name: "Tove Lindqvist", Administrator: true})
	bare := h.AddUser(paycortest.UserConfig{ID: 910234})
	got := h.send(t, http.MethodPost, "/v1/actor", `{"credential":"`+credential+`"}`, "")
	require.JSONEq(t, `{"userId":910233,"email":"t.lindqvist@harborlane.example","name":"Tove Lindqvist","administrator":true}`, got.body)
	got = h.send(t, http.MethodPost, "/v1/actor", `{"credential":"`+bare+`"}`, "")
	require.JSONEq(t, `{"userId":910234,"administrator":false}`, got.body)
	h.Forget(bare)
	got = h.send(t, http.MethodPost, "/v1/actor", `{"credential":"`+bare+`"}`, "")
	require.Equal(t, http.StatusUnauthorized, got.status)
	require.Empty(t, got.header.Get("WWW-Authenticate"))
	require.Equal(t, paycortest.HostCounts{Actors: 2, UnknownActors: 1}, h.Counts())
}

func TestAccessRules(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.AddUser(paycortest.UserConfig{ID: 1, Administrator: true})
	h.AddUser(paycortest.UserConfig{ID: 2})
	may := func(user int, candidate string) string {
		return h.send(t, http.MethodPost, "/v1/access-checks", fmt.Sprintf(`{"userId":%d,"candidate":%s}`, user, candidate), "").body
	}
	require.JSONEq(t, `{"allowed":true}`, may(1, mayaJSON))
	require.JSONEq(t, `{"allowed":false}`, may(2, mayaJSON))
	require.JSONEq(t, `{"allowed":false}`, may(3, mayaJSON))
	require.JSONEq(t, `{"allowed":false}`, may(1, strings.Replace(mayaJSON, "c1", "c2", 1)))
	h.Allow(2, maya)
	require.JSONEq(t, `{"allowed":true}`, may(2, mayaJSON))
	h.Deny(1, maya)
	require.JSONEq(t, `{"allowed":false}`, may(1, mayaJSON))
	h.Deny(2, maya)
	h.AllowEveryone()
	require.JSONEq(t, `{"allowed":false}`, may(2, mayaJSON))
	h.AddUser(paycortest.UserConfig{ID: 3})
	require.JSONEq(t, `{"allowed":true}`, may(3, mayaJSON))
}

// Repeating a key changes nothing; another content under it is refused; the order stays.
func TestNewsfeedIsIdempotentByKey(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	require.Equal(t, http.StatusCreated, h.add(t, "k1", "Video Interview Requested", `,"actorUserId":910233,"requestId":"vir_1"`))
	require.Equal(t, http.StatusCreated, h.add(t, "k2", "Video Interview Completed", `,"actorUserId":null,"requestId":null`))
	require.Equal(t, http.StatusOK, h.add(t, "k1", "Video Interview Requested", `,"requestId":"vir_1","actorUserId":910233`))
	zone := strings.Replace(item("k1", "Video Interview Requested", `,"actorUserId":910233,"requestId":"vir_1"`), "14:22:05Z", "15:22:05+01:00", 1)
	require.Equal(t, http.StatusOK, h.send(t, http.MethodPost, "/v1/newsfeed-items", zone, "k1").status)
	require.Equal(t, http.StatusConflict, h.add(t, "k1", "Another text", `,"actorUserId":910233,"requestId":"vir_1"`))
	require.Equal(t, http.StatusConflict, h.add(t, "k1", "Video Interview Requested", `,"requestId":"vir_1"`))
	require.Equal(t, []string{"Video Interview Requested", "Video Interview Completed"}, h.Texts(maya))
	first := h.Newsfeed(maya)[0]
	require.EqualValues(t, 910233, *first.ActorUserID)
	require.Equal(t, time.Date(2026, 3, 10, 14, 22, 5, 0, time.UTC), first.At)
	require.Equal(t, paycortest.HostCounts{NewsfeedStored: 2, NewsfeedRepeated: 2, NewsfeedRefused: 2}, h.Counts())
}

func TestOlderRevisionsAreIgnored(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	_, told := h.Tab(maya)
	require.False(t, told)
	for _, revision := range []int{3, 7, 5, 7} {
		require.Equal(t, http.StatusNoContent, h.send(t, http.MethodPut, "/v1/video-interview-tab", tab(revision, `,"expiresOn":"2026-03-17","requestId":null`), "").status)
	}
	got, told := h.Tab(maya)
	require.True(t, told)
	require.EqualValues(t, 7, got.Revision)
	require.Equal(t, "2026-03-17", got.ExpiresOn)
	require.Equal(t, paycortest.HostCounts{TabsStored: 2, TabsIgnored: 2}, h.Counts())
}

func TestHostIsStrict(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	long := strings.Repeat("ä", 201)
	fine := item("k", "x", "")
	for name, c := range map[string]struct {
		method, path, body, key string
		want                    int
	}{
		"an unknown path":              {"POST", "/v1/newsfeed", fine, "k", 404},
		"another method":               {"PUT", "/v1/newsfeed-items", fine, "k", 405},
		"a query":                      {"POST", "/v1/newsfeed-items?x=1", fine, "k", 400},
		"no idempotency key":           {"POST", "/v1/newsfeed-items", fine, "", 400},
		"another idempotency key":      {"POST", "/v1/newsfeed-items", fine, "other", 400},
		"a key that is too long":       {"POST", "/v1/newsfeed-items", item(long, "x", ""), long, 400},
		"an unknown member":            {"POST", "/v1/newsfeed-items", item("k", "x", `,"note":"y"`), "k", 400},
		"a member in another case":     {"POST", "/v1/newsfeed-items", strings.Replace(fine, `"kind"`, `"Kind"`, 1), "k", 400},
		"a missing member":             {"POST", "/v1/newsfeed-items", strings.Replace(fine, `"text":"x",`, "", 1), "k", 400},
		"a null where none may be":     {"POST", "/v1/newsfeed-items", strings.Replace(fine, `"text":"x"`, `"text":null`, 1), "k", 400},
		"an unknown kind":              {"POST", "/v1/newsfeed-items", strings.Replace(fine, ".requested", ".rated", 1), "k", 400},
		"a moment that is none":        {"POST", "/v1/newsfeed-items", strings.Replace(fine, "2026-03-10T14:22:05Z", "today", 1), "k", 400},
		"an incomplete candidate":      {"POST", "/v1/newsfeed-items", strings.Replace(fine, `"jobId":"j1",`, "", 1), "k", 400},
		"two documents":                {"POST", "/v1/newsfeed-items", fine + fine, "k", 400},
		"no JSON":                      {"POST", "/v1/newsfeed-items", "x", "k", 400},
		"an unknown candidate":         {"POST", "/v1/newsfeed-items", strings.Replace(fine, "c1", "c9", 1), "k", 404},
		"an unknown state":             {"PUT", "/v1/video-interview-tab", strings.Replace(tab(1, ""), `"requested"`, `"sent"`, 1), "", 400},
		"a date that is none":          {"PUT", "/v1/video-interview-tab", tab(1, `,"expiresOn":"03/17/2026"`), "", 400},
		"a tab without a revision":     {"PUT", "/v1/video-interview-tab", strings.Replace(tab(1, ""), `"revision":1,`, "", 1), "", 400},
		"no tab":                       {"PUT", "/v1/video-interview-tab", `{"candidate":` + mayaJSON + `}`, "", 400},
		"a tab of nobody":              {"PUT", "/v1/video-interview-tab", strings.Replace(tab(1, ""), "c1", "c9", 1), "", 404},
		"an actor without credential":  {"POST", "/v1/actor", `{}`, "", 400},
		"a check without a candidate":  {"POST", "/v1/access-checks", `{"userId":1}`, "", 400},
		"a user that is not a number":  {"POST", "/v1/access-checks", `{"userId":"1","candidate":` + mayaJSON + `}`, "", 400},
		"a user beyond 32 bits":        {"POST", "/v1/access-checks", `{"userId":4294967296,"candidate":` + mayaJSON + `}`, "", 400},
		"a revision with a fraction":   {"PUT", "/v1/video-interview-tab", strings.Replace(tab(1, ""), `"revision":1`, `"revision":1.5`, 1), "", 400},
		"a tab with a member too many": {"PUT", "/v1/video-interview-tab", tab(1, `,"kind":"x"`), "", 400},
	} {
		require.Equal(t, c.want, h.send(t, c.method, c.path, c.body, c.key).status, name)
	}
	untyped := send(t, h.Client(), http.MethodPost, h.URL+"/v1/newsfeed-items", fine, map[string]string{"Authorization": "Bearer " + h.Token(), "Idempotency-Key": "k"})
	require.Equal(t, http.StatusUnsupportedMediaType, untyped.status)
	require.Empty(t, h.Newsfeed(maya))
	_, told := h.Tab(maya)
	require.False(t, told)
}

func TestHostThatCannot(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.WithoutNewsfeed(true)
	h.WithoutTab(true)
	require.Equal(t, http.StatusNotImplemented, h.add(t, "k", "x", ""))
	require.Equal(t, http.StatusNotImplemented, h.send(t, http.MethodPut, "/v1/video-interview-tab", tab(1, ""), "").status)
	h.WithoutNewsfeed(false)
	h.WithoutTab(false)
	require.Equal(t, http.StatusCreated, h.add(t, "k", "x", ""))
	require.Equal(t, http.StatusNoContent, h.send(t, http.MethodPut, "/v1/video-interview-tab", tab(1, ""), "").status)
}

// An answer that is lost after the effect is made good by repeating.
func TestHostFaults(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.Inject(paycortest.Fault{Kind: paycortest.FaultLost, AfterEffect: true})
	key, body := "k", item("k", "x", "")
	require.ErrorIs(t, h.send(t, http.MethodPost, "/v1/newsfeed-items", body, key).err, paycortest.ErrConnectionLost)
	require.Len(t, h.Newsfeed(maya), 1)
	require.Equal(t, http.StatusOK, h.add(t, "k", "x", ""))
	h.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 503, Times: 2})
	require.Equal(t, 503, h.add(t, "k2", "x", ""))
	require.Equal(t, 503, h.add(t, "k2", "x", ""))
	require.Equal(t, http.StatusCreated, h.add(t, "k2", "x", ""))
	h.Inject(paycortest.Fault{Kind: paycortest.FaultMalformed})
	require.Equal(t, http.StatusOK, h.add(t, "k3", "x", ""))
	require.Len(t, h.Newsfeed(maya), 2)
}

// A host that fronts a Paycor knows its candidates, and forgets them with it.
func TestHostInFrontOfPaycor(t *testing.T) {
	t.Parallel()
	w, h := newWorld(t), newHost(t)
	h.Front(w.Server)
	h.AddUser(paycortest.UserConfig{ID: 1, Administrator: true})
	lee := w.job.AddCandidate(paycortest.CandidateConfig{})
	ref := lee.Ref()
	check := fmt.Sprintf(`{"userId":1,"candidate":{"legalEntityId":%d,"atsAccountId":%q,"jobId":%q,"candidateId":%q}}`,
		ref.LegalEntityID, ref.AccountID, ref.JobID, ref.CandidateID)
	require.JSONEq(t, `{"allowed":true}`, h.send(t, http.MethodPost, "/v1/access-checks", check, "").body)
	lee.Remove()
	require.JSONEq(t, `{"allowed":false}`, h.send(t, http.MethodPost, "/v1/access-checks", check, "").body)
}
