package sparkhiretest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// handler carries out one operation under the server's lock. A nil value is an empty body.
type handler func(*Server, *call) (any, *problem)

// on makes a handler of one that acts on the record which the path names, or answers why there is none.
func on[T any](find func(*Server, *call) (T, *problem), act func(*Server, *call, T) (any, *problem)) handler {
	return func(s *Server, c *call) (any, *problem) {
		record, p := find(s, c)
		if p != nil {
			return nil, p
		}
		return act(s, c, record)
	}
}

// by makes a handler that checks first what the user may do.
func by(may func(*user) *problem, h handler) handler {
	return func(s *Server, c *call) (any, *problem) {
		if p := may(c.user); p != nil {
			return nil, p
		}
		return h(s, c)
	}
}

// route is one operation: method, path, status on success, the query parameters it knows.
type route struct {
	method  string
	path    []string
	success int
	run     handler
	params  []string
}

// v1Routes lists the 44 operations of version 1.0.
// [transcribed: methods, paths, statuses and parameters; observed: job[uuid]; docs/vendors/sparkhire.md]
func v1Routes() []route {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	const ok, created, gone = http.StatusOK, http.StatusCreated, http.StatusNoContent
	paged := []string{"range", "orderby"}
	jobList := append(slices.Clip(paged), "status[]")
	interviewList := append(slices.Clip(paged), "status[]", "type[]", "job[uuid]")

	var routes []route
	add := func(method, path string, success int, run handler, params ...string) {
		routes = append(routes, route{method, strings.Split(path, "/"), success, run, params})
	}
	add(get, "me", ok, (*Server).getMe)
	add(get, "plan", ok, (*Server).getPlan)
	add(get, "companies/{uuid}", ok, (*Server).getCompany)

	add(get, "users", ok, (*Server).listUsers, paged...)
	add(post, "users", created, by(mayAdminister, (*Server).createUser))
	add(get, "users/{uuid}", ok, on((*Server).namedUser, (*Server).getUser))
	add(put, "users/{uuid}", ok, by(mayAdminister, on((*Server).namedUser, (*Server).updateUser)))
	add(del, "users/{uuid}", gone, by(mayAdminister, on((*Server).namedUser, (*Server).deleteUser)))
	add(get, "users/{uuid}/integration_key", ok, on((*Server).keyHolder, (*Server).getKey))
	add(post, "users/{uuid}/integration_key", created, on((*Server).keyOwner, (*Server).createKey))
	add(put, "users/{uuid}/integration_key", ok, on((*Server).keyHolder, (*Server).rotateKey))
	add(del, "users/{uuid}/integration_key", gone, on((*Server).keyHolder, (*Server).revokeKey))

	add(get, "jobs", ok, (*Server).listJobs, jobList...)
	add(post, "jobs", created, by(mayWrite, (*Server).createJob))
	add(get, "jobs/{uuid}", ok, on((*Server).namedJob, (*Server).getJob))
	add(put, "jobs/{uuid}", ok, by(mayWrite, on((*Server).namedJob, (*Server).updateJob)))
	add(del, "jobs/{uuid}", gone, by(mayWrite, on((*Server).namedJob, (*Server).deleteJob)))

	add(get, "interviews", ok, (*Server).listInterviews, interviewList...)
	add(post, "interviews", created, by(mayWrite, (*Server).createInterview))
	add(get, "interviews/{uuid}", ok, on((*Server).namedInterview, (*Server).getInterview))
	add(put, "interviews/{uuid}", ok, by(mayWrite, on((*Server).namedInterview, (*Server).updateInterview)))
	add(del, "interviews/{uuid}", gone, by(mayWrite, on((*Server).namedInterview, (*Server).deleteInterview)))

	questions, question := "interviews/{uuid}/questions", "interviews/{uuid}/questions/{question_uuid}"
	add(get, questions, ok, on((*Server).namedInterview, (*Server).listQuestions))
	add(post, questions, created, by(mayWrite, on((*Server).namedInterview, (*Server).createQuestion)))
	add(get, question, ok, on((*Server).namedQuestion, (*Server).getQuestion))
	add(put, question, ok, by(mayWrite, on((*Server).namedQuestion, (*Server).updateQuestion)))
	add(del, question, gone, by(mayWrite, on((*Server).namedQuestion, (*Server).deleteQuestion)))

	add(get, "question_sets", ok, (*Server).listSets, paged...)
	add(post, "question_sets", created, by(mayWrite, (*Server).createSet))
	add(get, "question_sets/{uuid}", ok, on((*Server).namedSet, (*Server).getSet))
	add(put, "question_sets/{uuid}", ok, by(mayWrite, on((*Server).namedSet, (*Server).updateSet)))
	add(del, "question_sets/{uuid}", gone, by(mayWrite, on((*Server).namedSet, (*Server).deleteSet)))

	add(get, "interviews/{uuid}/share_link", ok, on((*Server).namedInterview, (*Server).getBasicLink))
	add(post, "interviews/{uuid}/share_link", created, on((*Server).namedInterview, (*Server).createBasicLink))
	add(put, "interviews/{uuid}/share_link/{link_uuid}", ok, on((*Server).namedInterview, (*Server).updateBasicLink))
	add(get, "share_links", ok, (*Server).listLinks, paged...)
	add(post, "share_links", created, (*Server).createLink)
	add(get, "share_links/{uuid}", ok, on((*Server).namedLink, (*Server).getLink))
	add(put, "share_links/{uuid}", ok, on((*Server).namedLink, (*Server).updateLink))
	add(del, "share_links/{uuid}", gone, on((*Server).namedLink, (*Server).deleteLink))

	add(get, "webhooks", ok, (*Server).listHooks)
	add(post, "webhooks", created, (*Server).createHook)
	add(del, "webhooks/{uuid}", gone, on((*Server).namedHook, (*Server).deleteHook))
	add(get, "webhooks/replay/{event}", ok, (*Server).replayHook)
	return routes
}

// route finds the operation for an escaped path below the version.
// [assumed: 404 for an unknown path, 405 with Allow for a known one; docs/vendors/sparkhire.md]
func (s *Server) route(method, path string) (*route, map[string]string, *problem) {
	segments := segmentsOf(path)
	var allowed []string
	for i := range s.routes {
		args, ok := matchPath(s.routes[i].path, segments)
		if !ok {
			continue
		}
		if s.routes[i].method == method {
			return &s.routes[i], args, nil
		}
		allowed = append(allowed, s.routes[i].method)
	}
	if len(allowed) == 0 {
		return nil, nil, refusal(http.StatusNotFound, "There is no such resource.")
	}
	p := refusal(http.StatusMethodNotAllowed, "%s is not supported here.", method)
	p.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
	return nil, nil, p
}

// checkQuery refuses parameters that the operation does not know, so that a misspelled filter is not taken for an
// unfiltered list. [assumed: docs/vendors/sparkhire.md]
func (r *route) checkQuery(u *url.URL) *problem {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return refusal(http.StatusBadRequest, "The query string is malformed.")
	}
	for name, values := range query {
		if !slices.Contains(r.params, name) {
			return refusal(http.StatusBadRequest, "The parameter %s is not known here.", name)
		}
		if len(values) > 1 && !strings.HasSuffix(name, "[]") {
			return refusal(http.StatusBadRequest, "The parameter %s may be given once.", name)
		}
	}
	return nil
}

// segmentsOf splits an escaped path and decodes each segment by itself, so that an escaped slash stays inside one.
func segmentsOf(path string) []string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil {
			segments[i] = plain
		}
	}
	return segments
}

// matchPath compares segments with a pattern in which {name} and * stand for one segment each, not empty, and a
// last ... for any number.
func matchPath(pattern, segments []string) (map[string]string, bool) {
	args := map[string]string{}
	for i, want := range pattern {
		if want == "..." && i == len(pattern)-1 {
			return args, true
		}
		if i >= len(segments) {
			return nil, false
		}
		switch {
		case want == "*" && segments[i] != "":
		case strings.HasPrefix(want, "{") && segments[i] != "":
			args[strings.Trim(want, "{}")] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return args, len(pattern) == len(segments)
}
