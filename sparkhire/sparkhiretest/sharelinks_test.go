package sparkhiretest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestBasicShareLink(t *testing.T) {
	t.Parallel()

	t.Run("there is none until it is made, and then one", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		path := "/interviews/" + id + "/share_link"
		w.do(404, "GET", path, nil)
		link := w.do(201, "POST", path, nil).object()
		require.Contains(t, link["url"], "https://")
		require.InDelta(t, 1, link["status"], 0)
		require.Equal(t, link, w.do(201, "POST", path, nil).object(), "the same one")
		require.Equal(t, link, w.do(200, "GET", path, nil).object())
		require.Equal(t, link, w.do(200, "GET", "/interviews/"+id, nil).object()["share_link"])
		require.Empty(t, w.do(200, "GET", "/share_links", nil).list(), "basic links are not advanced ones")
	})
	t.Run("a second POST can make a new one", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithFreshShareLinks())
		path := "/interviews/" + w.invite() + "/share_link"
		first, second := w.do(201, "POST", path, nil).object(), w.do(201, "POST", path, nil).object()
		require.NotEqual(t, first["url"], second["url"])
		require.Equal(t, second, w.do(200, "GET", path, nil).object())
		w.do(404, "PUT", path+"/"+first["uuid"].(string), object{"status": 0})
	})
	t.Run("it can be switched off", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		path := "/interviews/" + w.invite() + "/share_link"
		one := path + "/" + w.do(201, "POST", path, nil).object()["uuid"].(string)
		for _, bad := range []object{{}, {"status": 2}, {"status": "off"}, {"status": -1}} {
			require.Contains(t, w.do(400, "PUT", one, bad).reason(), "status")
		}
		w.clock.Advance(time.Minute)
		off := w.do(200, "PUT", one, object{"status": 0}).object()
		require.InDelta(t, 0, off["status"], 0)
		require.Equal(t, "2026-03-02T10:01:00+00:00", off["updated_at"])
		require.Equal(t, w.ana.ID, off["updated_by"].(object)["uuid"])
		require.Equal(t, off, w.do(200, "GET", path, nil).object())
		w.do(404, "PUT", path+"/none", object{"status": 0})
	})
}

func TestAdvancedShareLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.invite()
	made := w.do(201, "POST", "/share_links", object{
		"interview_uuid": id, "title": "Board", "expires_at": "2026-04-01T00:00:00+00:00", "allow_ratings": true,
		"reviewers": []any{object{"name": "Bo Lund", "email": "bo.lund@board.example"}},
	}).object()
	path := "/share_links/" + made["uuid"].(string)
	require.Equal(t, made, w.do(200, "GET", path, nil).object())
	last := w.Emails()[len(w.Emails())-1]
	require.Equal(t, sparkhiretest.Email{
		To: "bo.lund@board.example", Kind: sparkhiretest.EmailShared, InterviewID: id, At: monday,
	}, last)
	require.Nil(t, w.do(200, "GET", "/interviews/"+id, nil).object()["share_link"], "only the basic link is shown there")

	require.InDelta(t, 0, w.do(200, "PUT", path, object{"status": 0}).object()["status"], 0)
	for field, value := range (object{
		"interview_uuid": "none", "expires_at": "soon", "allow_ratings": "yes", "reviewers": "Bo",
	}) {
		require.Contains(t, w.do(400, "POST", "/share_links", object{field: value}).reason(), field)
	}
	w.do(400, "POST", "/share_links", object{})

	w.clock.Advance(time.Second)
	free := w.do(201, "POST", "/share_links", object{"title": "No interview"}).object()
	require.Equal(t, []any{free["uuid"], made["uuid"]},
		w.do(200, "GET", "/share_links?orderby=created_desc", nil).values("uuid"))
	require.NoError(t, w.Delete(id))
	require.Equal(t, []any{free["uuid"]}, w.do(200, "GET", "/share_links", nil).values("uuid"), "gone with its interview")
	w.do(204, "DELETE", "/share_links/"+free["uuid"].(string), nil)
	w.do(404, "GET", "/share_links/"+free["uuid"].(string), nil)
}
