package sparkhiretest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()

	t.Run("the key is the user name and any password will do", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for _, password := range []string{"", "x", "a:b"} {
			req := w.request("", "GET", "/me", nil)
			req.SetBasicAuth(w.ana.Key, password)
			resp, err := w.client.Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, 200, resp.StatusCode)
		}
	})
	t.Run("a missing key, an unknown key and another scheme are 401 with a reason", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		require.Equal(t, 401, w.as("", "GET", "/me", nil).Status)
		r := w.as("key-of-nobody", "GET", "/me", nil)
		require.Equal(t, 401, r.Status)
		require.Equal(t, "Invalid API key.", r.reason())
		req := w.request("", "GET", "/me", nil)
		req.Header.Set("Authorization", "Bearer "+w.ana.Key)
		resp, err := w.client.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 401, resp.StatusCode)
	})
	t.Run("a bad key can be 400 instead", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithBadKeyStatus(http.StatusBadRequest))
		require.Equal(t, 400, w.as("key-of-nobody", "GET", "/me", nil).Status)
	})
	t.Run("disabling a user disables the key until the user is enabled again", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		require.NoError(t, w.SetUserDisabled(w.ana.ID, true))
		r := w.as(w.ana.Key, "GET", "/me", nil)
		require.Equal(t, 401, r.Status)
		require.NotEmpty(t, r.reason())
		require.NoError(t, w.SetUserDisabled(w.ana.ID, false))
		w.do(200, "GET", "/me", nil)
		require.ErrorIs(t, w.SetUserDisabled("nobody", true), sparkhiretest.ErrNotFound)
	})
	t.Run("a deleted user has no key", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		tom := w.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@northwind.example"})
		w.do(204, "DELETE", "/users/"+tom.ID, nil)
		require.Equal(t, 401, w.as(tom.Key, "GET", "/me", nil).Status)
		w.do(404, "GET", "/users/"+tom.ID, nil)
		_, ok := w.User(tom.ID)
		require.False(t, ok)
	})
}

func TestRestrictedJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tom := w.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@northwind.example"})
	hidden := w.AddJob(sparkhiretest.Job{Title: "Surgeon"})
	id := w.invite("job_uuid", hidden.ID)
	link := w.do(201, "POST", "/share_links", object{"interview_uuid": id}).object()["uuid"].(string)
	count := func(path string) int {
		r := w.as(tom.Key, "GET", path, nil)
		require.Equal(t, 200, r.Status)
		return len(r.list())
	}
	require.Equal(t, []int{2, 1, 1}, []int{count("/jobs"), count("/interviews"), count("/share_links")}, "shared at first")

	require.NoError(t, w.RestrictJob(hidden.ID, w.ana.ID))
	require.Equal(t, []int{1, 0, 0}, []int{count("/jobs"), count("/interviews"), count("/share_links")})
	for _, path := range []string{
		"/jobs/" + hidden.ID, "/interviews/" + id, "/interviews/" + id + "/questions",
		"/interviews/" + id + "/share_link", "/share_links/" + link,
	} {
		require.Equal(t, 404, w.as(tom.Key, "GET", path, nil).Status, path)
		require.NotEqual(t, 401, w.as(w.ana.Key, "GET", path, nil).Status, path)
	}
	refused := w.as(tom.Key, "POST", "/interviews", with(w.interviewBody(), "job_uuid", hidden.ID))
	require.Equal(t, 400, refused.Status)
	require.Contains(t, refused.reason(), "job_uuid")

	require.NoError(t, w.ShareJob(hidden.ID))
	require.Equal(t, 2, count("/jobs"))
	require.ErrorIs(t, w.RestrictJob("none"), sparkhiretest.ErrNotFound)
}

func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.AddAccount(sparkhiretest.Account{Name: "Contoso Care"})
	eve := w.AddUser(sparkhiretest.User{
		AccountID: other.ID, Name: "Eve Adler", Email: "eve.adler@contoso.example", Role: sparkhiretest.Admin,
	})
	w.AddJob(sparkhiretest.Job{Title: "Porter", CreatedBy: eve.ID})
	id := w.invite()

	require.Equal(t, []any{"Porter"}, w.as(eve.Key, "GET", "/jobs", nil).values("title"))
	require.Empty(t, w.as(eve.Key, "GET", "/interviews", nil).list())
	require.Empty(t, w.as(eve.Key, "GET", "/question_sets", nil).list())
	require.Equal(t, []any{"Eve Adler"}, w.as(eve.Key, "GET", "/users", nil).values("name"))
	for _, path := range []string{
		"/jobs/" + w.job.ID, "/interviews/" + id, "/question_sets/" + w.set.ID, "/users/" + w.ana.ID,
		"/companies/" + w.Account().ID,
	} {
		require.Equal(t, 404, w.as(eve.Key, "GET", path, nil).Status, path)
	}
	require.Equal(t, "Contoso Care", w.as(eve.Key, "GET", "/companies/"+other.ID, nil).object()["name"])
	taken := object{"first_name": "Ana", "last_name": "Two", "email": "ANA.RUIZ@northwind.example"}
	r := w.as(eve.Key, "POST", "/users", taken)
	require.Equal(t, 400, r.Status)
	require.Contains(t, r.reason(), "email")
}

func TestRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tom := w.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@northwind.example"})
	ida := w.AddUser(sparkhiretest.User{
		Name: "Ida Holm", Email: "ida.holm@northwind.example", Role: sparkhiretest.Evaluator,
	})
	interview, user := w.interviewBody(), object{"first_name": "A", "last_name": "B", "email": "a.b@northwind.example"}
	job := object{"title": "Cook", "location": object{"city": "Oslo", "country": "Norway"}}
	for name, tt := range map[string]struct {
		key, path string
		body      object
		status    int
	}{
		"a standard user may invite":                {tom.Key, "/interviews", interview, 201},
		"an evaluator may not invite":               {ida.Key, "/interviews", interview, 403},
		"a standard user may create jobs":           {tom.Key, "/jobs", job, 201},
		"an evaluator may not create jobs":          {ida.Key, "/jobs", job, 403},
		"an administrator may create users":         {w.ana.Key, "/users", user, 201},
		"a standard user may not create users":      {tom.Key, "/users", user, 403},
		"an evaluator may not create question sets": {ida.Key, "/question_sets", object{"name": "x"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.status, w.on(t).as(tt.key, "POST", tt.path, tt.body).Status)
		})
	}
	t.Run("a standard user reads the own key and no other", func(t *testing.T) {
		t.Parallel()
		w := w.on(t)
		require.Equal(t, tom.Key, w.as(tom.Key, "GET", "/users/"+tom.ID+"/integration_key", nil).object()["api_key"])
		require.Equal(t, 403, w.as(tom.Key, "GET", "/users/"+w.ana.ID+"/integration_key", nil).Status)
		require.Equal(t, 200, w.as(w.ana.Key, "GET", "/users/"+tom.ID+"/integration_key", nil).Status)
	})
	t.Run("an evaluator may look but not touch", func(t *testing.T) {
		t.Parallel()
		w := w.on(t)
		id := w.invite()
		require.Equal(t, 200, w.as(ida.Key, "GET", "/interviews/"+id, nil).Status)
		require.Equal(t, 403, w.as(ida.Key, "PUT", "/interviews/"+id, object{}).Status)
		require.Equal(t, 403, w.as(ida.Key, "DELETE", "/interviews/"+id, nil).Status)
		require.Equal(t, 403, w.as(ida.Key, "DELETE", "/jobs/"+w.job.ID, nil).Status)
	})
}

func TestUsersAndKeys(t *testing.T) {
	t.Parallel()

	t.Run("a user who was created has no key until one is made", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		made := w.do(201, "POST", "/users", object{
			"first_name": "Tom", "last_name": "Berg", "email": "tom.berg@northwind.example", "permission_level": "evaluator",
		}).object()
		require.Equal(t, "Tom Berg", made["name"])
		require.Equal(t, "evaluator", made["permission_level"])
		path := "/users/" + made["uuid"].(string) + "/integration_key"
		w.do(404, "GET", path, nil)
		w.do(404, "PUT", path, nil)
		key := w.do(201, "POST", path, nil).object()["api_key"].(string)
		require.Equal(t, "Tom", w.as(key, "GET", "/me", nil).object()["first_name"])
		require.NotEmpty(t, w.do(400, "POST", path, nil).reason(), "a second key")
	})
	t.Run("rotation kills the old key at once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		path := "/users/" + w.ana.ID + "/integration_key"
		was := w.do(200, "GET", path, nil).object()
		w.clock.Advance(1)
		now := w.do(200, "PUT", path, nil).object()
		require.Equal(t, was["uuid"], now["uuid"])
		require.NotEqual(t, was["api_key"], now["api_key"])
		require.Equal(t, 401, w.as(w.ana.Key, "GET", "/me", nil).Status)
		current, ok := w.User(w.ana.ID)
		require.True(t, ok)
		require.Equal(t, now["api_key"], current.Key)
		require.Equal(t, 204, w.as(current.Key, "DELETE", path, nil).Status)
		require.Equal(t, 401, w.as(current.Key, "GET", "/me", nil).Status)
	})
	t.Run("PUT merges, and keeps the own address", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		changed := w.do(200, "PUT", "/users/"+w.ana.ID, object{"last_name": "Ruiz-Ek", "email": w.ana.Email}).object()
		require.Equal(t, "Ana Ruiz-Ek", changed["name"])
		require.Equal(t, "admin", changed["permission_level"])
	})
	t.Run("the plan limits the number of users", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.SetPlan("", sparkhiretest.Plan{Name: "Tiny", Users: 1, ActiveJobs: 1})
		require.Equal(t, object{
			"name": "Tiny", "active_jobs_limit": 1.0, "users_limit": 1.0, "products": []any{},
		}, w.do(200, "GET", "/plan", nil).object())
		body := object{"first_name": "Tom", "last_name": "Berg", "email": "tom.berg@northwind.example"}
		require.Contains(t, w.do(400, "POST", "/users", body).reason(), "users_limit")
	})
	t.Run("a bad body is refused with the field's name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		good := object{"first_name": "Tom", "last_name": "Berg", "email": "tom.berg@northwind.example"}
		bad := object{"first_name": "", "last_name": nil, "email": "nowhere", "permission_level": "boss"}
		for field, value := range bad {
			require.Contains(t, w.do(400, "POST", "/users", with(good, field, value)).reason(), field)
		}
	})
	t.Run("adding the same address in Go is a mistake of the program", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		require.Panics(t, func() { w.AddUser(sparkhiretest.User{Name: "Ana", Email: w.ana.Email}) })
		require.Panics(t, func() { w.AddUser(sparkhiretest.User{AccountID: "none", Email: "a@b.example"}) })
		require.Panics(t, func() { w.AddJob(sparkhiretest.Job{CreatedBy: "none"}) })
	})
}
