package paycortest

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	paramToken   = "continuationToken"
	paramTokenID = "continuationTokenId" // in the published example of an address [documented]
	paramStart   = "createdOrModifiedStartDate"
	paramEnd     = "createdOrModifiedEndDate"
	pageSize     = 100 // [documented]; it cannot be chosen
)

// continuation is what a token stands for.
type continuation struct {
	path, query string
	offset      int
}

// page answers with the part of a list that the request asks for. An empty page has null records
// [documented].
func (c *call) page(records []any) {
	token := c.q.Get(paramToken) + c.q.Get(paramTokenID)
	c.q.Del(paramToken)
	c.q.Del(paramTokenID)
	at := continuation{path: c.r.URL.Path, query: c.q.Encode()}
	if token != "" {
		known, ok := c.continued[token]
		if !ok || known.path != at.path || known.query != at.query { // the same request [documented]
			c.fail(http.StatusBadRequest, "Validation Error", "One field is not valid.", map[string]string{paramToken: "not valid for this request"}) //nolint:gosec // a field name
			return
		}
		at.offset = known.offset
	}
	body := map[string]any{"hasMoreResults": false, "continuationToken": nil, "additionalResultsUrl": nil, "records": nil}
	from := min(at.offset, len(records))
	to := min(from+pageSize, len(records))
	if from < to {
		body["records"] = records[from:to]
	}
	if to < len(records) {
		at.offset = to
		next := c.ids.guid()
		c.continued[next] = at
		name := paramToken
		if c.quirks.AddressesOnly {
			name = paramTokenID
		} else {
			body["continuationToken"] = next
		}
		query := name + "=" + next
		if at.query != "" {
			query = at.query + "&" + query
		}
		body["hasMoreResults"], body["additionalResultsUrl"] = true, at.path+"?"+query
	}
	c.ok(http.StatusOK, body)
}

func (c *call) accounts(e *LegalEntity) {
	var records []any
	for _, a := range e.accounts {
		records = append(records, map[string]any{"id": a.cfg.ID, "title": a.cfg.Title})
	}
	switch {
	case c.quirks.BareAccount && len(records) > 0:
		c.ok(http.StatusOK, records[0])
	case c.quirks.BareAccounts:
		c.ok(http.StatusOK, slices.Clip(append([]any{}, records...)))
	default:
		c.page(records)
	}
}

// includes are the documented values of include.
var includes = []string{"All", "HiringManagers", "Recruiters", "TeamMembers", "Executives"} //nolint:gochecknoglobals // a constant table

// jobStatuses are the documented values of status.
var jobStatuses = []string{"ACTIVE", "ACTIVATING", "APPROVING", "CLOSED", "DENIED", "DRAFT", "FILLED", "REVIEWING"} //nolint:gochecknoglobals // a constant table

// include checks what is asked to come along.
func (c *call) include() bool {
	for _, v := range c.q["include"] {
		if !slices.Contains(includes, v) {
			c.fail(http.StatusBadRequest, "Validation Error", "One field is not valid.", map[string]string{"include": "not one of the values"})
			return false
		}
	}
	return true
}

func (c *call) jobs(e *LegalEntity, account string) {
	a := e.account(account)
	if a == nil {
		c.missing("ATS account")
		return
	}
	status, posted := c.q.Get("status"), c.q.Get("postedToCareers")
	switch {
	case !c.include():
		return
	case c.q.Has("status") && !slices.Contains(jobStatuses, status):
		c.fail(http.StatusBadRequest, "Validation Error", "One field is not valid.", map[string]string{"status": "not one of the values"})
		return
	case c.q.Has("postedToCareers") && posted != "true" && posted != "false":
		c.fail(http.StatusBadRequest, "Validation Error", "One field is not valid.", map[string]string{"postedToCareers": "not a boolean"})
		return
	}
	var records []any
	for _, j := range a.jobs {
		if status != "" && j.cfg.Status != status || posted != "" && j.cfg.PostedToCareers != (posted == "true") {
			continue
		}
		records = append(records, j.record(c.q["include"]))
	}
	c.page(records)
}

func (c *call) job(e *LegalEntity, account, id string) {
	j := e.job(account, id)
	switch {
	case j == nil:
		c.missing("job")
	case c.include():
		c.ok(http.StatusOK, j.record(c.q["include"]))
	}
}

// record is a Job of the vendor's description [documented]. People come only when asked for.
func (j *Job) record(include []string) map[string]any {
	people := func(what string, users []User) any {
		if len(users) == 0 || !slices.Contains(include, what) && !slices.Contains(include, "All") {
			return nil
		}
		list := []any{}
		for _, u := range users {
			list = append(list, map[string]any{
				"id": u.ID, "email": nullable(u.Email), "firstName": nullable(u.FirstName), "lastName": nullable(u.LastName),
			})
		}
		return list
	}
	const dateTime = "2006-01-02T15:04:05.000Z" // as the published example [documented]
	cfg := &j.cfg
	var location any
	if cfg.City != "" || cfg.PostCode != "" {
		location = map[string]any{
			"id": j.account.cfg.ID, "address1": nil, "address2": nil, "city": nullable(cfg.City), "state": nil,
			"postalCode": maybeNumber(cfg.PostCode, cfg.NumericTexts), "country": "USA",
		}
	}
	return map[string]any{
		"id": cfg.ID, "atsAccountId": j.account.cfg.ID, "number": maybeNumber(cfg.Number, cfg.NumericTexts), "title": cfg.Title,
		"description": nullable(cfg.Description), "status": cfg.Status, "openings": cfg.Openings, "priority": "NORMAL",
		"confidential": cfg.Confidential, "internal": cfg.Internal, "timeToFill": 30, "remoteStatus": "Undefined",
		"eeoCategory": nil, "payRange": nil, "atsLocation": location, "atsDepartment": nil,
		"hiringManagers": people("HiringManagers", cfg.HiringManagers), "recruiters": people("Recruiters", cfg.Recruiters),
		"teamMembers": people("TeamMembers", cfg.TeamMembers), "executives": people("Executives", cfg.Executives),
		"activatedDate": nil, "createdDate": cfg.Created.UTC().Format(dateTime), "modifiedDate": cfg.Modified.UTC().Format(dateTime),
		"postedToCareers": cfg.PostedToCareers, "postedToIndeed": false, "postedToSmartSourcing": false,
		"postedToLinkedIn": false, "postedToZipRecruiter": false, "postedToGravity": false,
	}
}

// candidates lists those of a job, by day of creation or change in UTC [assumed: neither the zone nor
// the format of the filters is documented].
func (c *call) candidates(e *LegalEntity, account, job string) {
	j := e.job(account, job)
	if j == nil {
		c.missing("job")
		return
	}
	start, ok := c.filterDate(paramStart)
	if !ok {
		return
	}
	end, ok := c.filterDate(paramEnd)
	if !ok {
		return
	}
	var records []any
	for _, candidate := range j.candidates {
		latest := candidate.cfg.Modified.UTC()
		if candidate.cfg.Created.After(latest) {
			latest = candidate.cfg.Created.UTC()
		}
		if !start.IsZero() && latest.Before(start) || !end.IsZero() && !latest.Before(end.AddDate(0, 0, 1)) {
			continue
		}
		records = append(records, candidate.record())
	}
	if len(records) == 0 && c.quirks.EmptyAs400 {
		c.fail(http.StatusBadRequest, "Validation Error", "The job is invalid or has no candidates.", nil)
		return
	}
	c.page(records)
}

func (c *call) filterDate(name string) (time.Time, bool) {
	if !c.q.Has(name) {
		return time.Time{}, true
	}
	layouts := map[DateFilter]string{DateFilterISO: time.DateOnly, DateFilterUS: "01/02/2006"}
	if layout := layouts[c.quirks.DateFilter]; layout != "" {
		if t, err := time.Parse(layout, c.q.Get(name)); err == nil {
			return t, true
		}
	}
	c.fail(http.StatusBadRequest, "Validation Error", "One field is not valid.", map[string]string{name: "not a date"})
	return time.Time{}, false
}

func (c *call) candidate(e *LegalEntity, account, job, id string) {
	if j := e.job(account, job); j != nil {
		if candidate := j.candidate(id); candidate != nil {
			c.ok(http.StatusOK, candidate.record())
			return
		}
	}
	c.missing("candidate")
}

// record is an AtsCandidate of the vendor's description [documented].
func (c *Candidate) record() map[string]any {
	cfg := &c.cfg
	resume := cfg.Resume
	if resume == "" {
		resume = "<p>" + cfg.FirstName + " " + cfg.LastName + " has worked since 2019.</p>"
	}
	return map[string]any{
		"id": cfg.ID, "jobId": c.job.cfg.ID, "atsAccountId": c.job.account.cfg.ID, "email": nullable(cfg.Email), "altEmail": nullable(cfg.AltEmail),
		"firstName": nullable(cfg.FirstName), "lastName": nullable(cfg.LastName), "preferredName": nullable(cfg.PreferredName),
		"startingStage": 1, "startingStatus": 1, "stage": cfg.Stage, "status": cfg.Status,
		"source":      maybeNumber(cfg.Source, cfg.NumericTexts),
		"mobilePhone": maybeNumber(cfg.MobilePhone, cfg.NumericTexts), "altPhone": nil,
		"address": nil, "address2": nil, "city": "Duluth", "state": "Minnesota",
		"postalCode": maybeNumber(cfg.PostalCode, cfg.NumericTexts), "country": "United States",
		"createdDate": cfg.Created.UTC().Format(cfg.DateLayout), "modifiedDate": cfg.Modified.UTC().Format(cfg.DateLayout),
		"resumeText": resume,
	}
}

// create is E6, the one call that writes [documented]. It is here so that a program that makes it is
// found out with all its consequences.
func (c *call) create(e *LegalEntity) {
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if kind != "application/json" {
		c.fail(http.StatusUnsupportedMediaType, "Unsupported Media Type", "Send JSON.", nil)
		return
	}
	var body struct {
		JobID        string `json:"jobId"`
		ATSAccountID string `json:"atsAccountId"`
		Email        string `json:"email"`
		FirstName    string `json:"firstName"`
		LastName     string `json:"lastName"`
		Stage        *int32 `json:"stage"`
		Status       *int32 `json:"status"`
		Source       string `json:"source"`
		MobilePhone  string `json:"mobilePhone"`
		PostalCode   string `json:"postalCode"`
	}
	if err := json.NewDecoder(c.r.Body).Decode(&body); err != nil {
		c.fail(http.StatusBadRequest, "Validation Error", "The body is not valid JSON.", nil)
		return
	}
	source := map[string]string{}
	for name, value := range map[string]string{
		"jobId": body.JobID, "atsAccountId": body.ATSAccountID, "email": body.Email,
		"firstName": body.FirstName, "lastName": body.LastName, "source": body.Source,
	} {
		if strings.TrimSpace(value) == "" {
			source[name] = "required"
		}
	}
	if body.Stage == nil || *body.Stage < 0 || *body.Stage > 1 {
		source["stage"] = "must be 0 or 1"
	}
	if body.Status == nil {
		source["status"] = "required"
	}
	if len(source) > 0 {
		c.fail(http.StatusBadRequest, "Validation Error", "Fields are not valid.", source)
		return
	}
	j := e.job(body.ATSAccountID, body.JobID)
	if j == nil {
		c.missing("job")
		return
	}
	made := j.add(CandidateConfig{
		Email: body.Email, FirstName: body.FirstName, LastName: body.LastName, Source: body.Source,
		MobilePhone: body.MobilePhone, PostalCode: body.PostalCode, Stage: *body.Stage, Status: *body.Status,
	})
	at := strings.TrimSuffix(strings.TrimPrefix(c.r.URL.Path, "/"), "candidates") +
		body.ATSAccountID + "/jobs/" + body.JobID + "/candidates/" + made.cfg.ID
	c.ok(http.StatusCreated, map[string]any{"resourceUrl": map[string]any{"id": made.cfg.ID, "url": at}})
}
