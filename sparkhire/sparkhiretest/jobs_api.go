package sparkhiretest

import (
	"strings"
	"time"
)

// listJobs lists the jobs that the user may see, inactive ones included.
// [transcribed: status[] filters; assumed: none without it; docs/vendors/sparkhire.md]
func (s *Server) listJobs(c *call) (any, *problem) {
	var all []*job
	for _, j := range s.jobs.list {
		if !j.deleted && mayView(c.user, j) && c.picked("status[]", s.cfg.words.job(j)) {
			all = append(all, j)
		}
	}
	return list(s, c, all, s.jobJSON, orders[*job]{
		"created": byTime(func(j *job) time.Time { return j.createdAt }),
		"updated": byTime(func(j *job) time.Time { return j.updatedAt }),
		"title":   byText(func(j *job) string { return j.title }),
		"status":  byText(s.cfg.words.job),
	})
}

// namedJob finds the job in the path, if the user may see it.
func (s *Server) namedJob(c *call) (*job, *problem) {
	j, ok := s.jobs.get(c.args["uuid"])
	if !ok || j.deleted || !mayView(c.user, j) {
		return nil, notFound("Job")
	}
	return j, nil
}

func (s *Server) getJob(_ *call, j *job) (any, *problem) { return s.jobJSON(j), nil }

// createJob makes an active job, unless the body says inactive, for everybody in the account to see; JobCreated fires.
func (s *Server) createJob(c *call) (any, *problem) {
	j := &job{account: c.user.account, createdBy: c.user}
	if p := s.readJob(c, j, !s.cfg.locationFree); p != nil {
		return nil, p
	}
	if p := s.checkSlot(j); p != nil {
		return nil, p
	}
	s.keepJob(j)
	return s.jobJSON(j), nil
}

// updateJob changes what the body names; JobUpdated fires even if nothing is different.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) updateJob(c *call, j *job) (any, *problem) {
	draft := *j
	if s.cfg.putReplaces {
		draft.title, draft.description, draft.location, draft.inactive = "", "", nil, false
	}
	if p := s.readJob(c, &draft, s.cfg.putReplaces && !s.cfg.locationFree); p != nil {
		return nil, p
	}
	changed := draft.inactive != j.inactive
	if changed {
		if p := s.checkSlot(&draft); p != nil {
			return nil, p
		}
	}
	*j = draft
	s.touchJob(j, changed)
	return s.jobJSON(j), nil
}

// readJob reads the writable fields into dst.
// [modeled: title, status, description; assumed: location, and which are required; docs/vendors/sparkhire.md]
func (s *Server) readJob(c *call, dst *job, located bool) *problem {
	return s.read(c, func(f *fields) {
		status := s.cfg.words.job(dst)
		location := dst.location
		if f.has("location") {
			location = nil // or the members would be merged
		}
		f.text("title", &dst.title)
		f.text("description", &dst.description)
		f.text("status", &status)
		f.raw("location", "an object", &location)
		f.require("title", strings.TrimSpace(dst.title) != "")
		switch w := s.cfg.words; status {
		case w.JobActive:
			dst.inactive = false
		case w.JobInactive:
			dst.inactive = true
		default:
			f.refuse("status is not one of %s, %s.", w.JobActive, w.JobInactive)
		}
		dst.location = addressed(location)
		f.require("location", !located || addressOf(dst.location) != "")
	})
}

// addressed gives a location its formatted address, composed of city, state and country when it has none. How the
// parts are spelled when writing is not public, so these three and their plain variants are read.
// [documented by a partner: city, state and country; assumed: the spelling; docs/vendors/sparkhire.md]
func addressed(location map[string]any) map[string]any {
	if location == nil || addressOf(location) != "" {
		return location
	}
	var parts []string
	for _, name := range []string{"city", "state", "region", "country"} {
		if part, ok := location[name].(string); ok && part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) > 0 {
		location["formatted_address"] = strings.Join(parts, ", ")
	}
	return location
}

// checkSlot refuses to make a job active when the plan's slots are taken; inactive jobs need none.
// [documented for the website: docs/vendors/sparkhire.md]
func (s *Server) checkSlot(j *job) *problem {
	if j.inactive {
		return nil
	}
	active := 0
	for _, other := range s.jobs.list {
		if other.account == j.account && !other.inactive && !other.deleted {
			active++
		}
	}
	if active >= j.account.plan.ActiveJobs {
		return refusal(s.cfg.refusal, "The plan's active_jobs_limit is reached: status must be %s.", s.cfg.words.JobInactive)
	}
	return nil
}

// deleteJob deletes a job for good. [transcribed: 204; docs/vendors/sparkhire.md]
func (s *Server) deleteJob(_ *call, j *job) (any, *problem) {
	s.removeJob(j)
	return nil, nil
}
