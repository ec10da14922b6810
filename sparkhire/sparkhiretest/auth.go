package sparkhiretest

import "net/http"

// authenticate finds the user whose key the request carries: HTTP Basic with the key as the user name; the password
// is ignored. A missing, unknown or revoked key, and the key of a disabled user, are refused alike.
// [documented: Basic, ignored password, disabled users; transcribed: 401; docs/vendors/sparkhire.md]
func (s *Server) authenticate(r *http.Request) (*user, *problem) {
	key, _, ok := r.BasicAuth()
	if !ok || key == "" {
		return nil, refusal(s.cfg.badKey, "An API key is required.")
	}
	u, ok := s.keys[key]
	if !ok || u.disabled || u.deleted {
		return nil, refusal(s.cfg.badKey, "Invalid API key.")
	}
	return u, nil
}

// setKey gives a user a key, or takes it away when key is empty. The old one stops working at once.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) setKey(u *user, key string) {
	if u.key != "" {
		delete(s.keys, u.key)
	}
	u.key = key
	if key != "" {
		s.keys[key] = u
	}
}

// mayView reports whether a user sees a job and what belongs to it.
// [documented: restricted jobs hide their interviews; docs/vendors/sparkhire.md]
func mayView(u *user, j *job) bool {
	if u.account != j.account {
		return false
	}
	return j.viewers == nil || j.viewers[u.id]
}

// notFound answers for what is absent and for what the user may not see, which look alike.
// [assumed: docs/vendors/sparkhire.md]
func notFound(what string) *problem {
	return refusal(http.StatusNotFound, "%s not found.", what)
}

// mayWrite refuses evaluators, who can neither create jobs nor invite.
// [documented for the website; assumed: 403; docs/vendors/sparkhire.md]
func mayWrite(u *user) *problem {
	if u.role == Evaluator {
		return refusal(http.StatusForbidden, "Evaluators may not do this.")
	}
	return nil
}

// mayAdminister admits administrators only.
// [documented for the website; assumed: 403; docs/vendors/sparkhire.md]
func mayAdminister(u *user) *problem {
	if u.role != Admin {
		return refusal(http.StatusForbidden, "Only administrators may do this.")
	}
	return nil
}
