package teamtailortest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// resultPatch is a partner result as it would be after an update.
type resultPatch struct {
	state CardState
	job   *Job // nil if the update does not name one
}

// patched checks attributes that are known by name against their documented rules and returns the result with them. It
// changes nothing. Callers hold server.mu. [documented: docs/vendors/teamtailor.md] unless a rule says otherwise.
func (r *result) patched(attributes map[string]any) (resultPatch, []apiError) {
	next := resultPatch{state: r.shown()}
	check := attributeCheck{state: &next.state}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		v := attributes[name]
		switch name {
		case "status":
			check.status(v)
		case "summary":
			check.text(name, v, &next.state.FullSummary)
		case "url":
			check.text(name, v, &next.state.URL)
			if next.state.URL != "" && !isWebURL(next.state.URL) {
				check.fail(name, "is not a valid URL")
			}
		case "assessment":
			check.assessment(v)
		case "details":
			check.details(v)
		case "attachments":
			check.attachments(v)
		case "actions":
			check.actions(v)
		case "assessment-criteria":
			check.criteria(v)
		case "job-id":
			next.job = check.job(r.candidate.company, v)
		}
	}
	return next, check.errors
}

// attributeCheck fills a state from raw values and collects one validation error per broken rule.
type attributeCheck struct {
	state  *CardState
	errors []apiError
}

// fail notes that an attribute breaks a rule. The messages are [assumed: docs/vendors/teamtailor.md]; the first two words of the
// detail name the attribute, as in the one recorded sample.
func (c *attributeCheck) fail(name, message string) {
	c.errors = append(c.errors, validationError(name, message))
}

// status takes one of five words, and not null.
func (c *attributeCheck) status(v any) {
	s, ok := v.(string)
	if !ok || !slices.Contains(statuses(), s) {
		c.fail("status", "is not included in the list")
		return
	}
	c.state.Status = s
}

// text takes a string, or null to clear it. [assumed] for null.
func (c *attributeCheck) text(name string, v any, into *string) {
	s, ok := v.(string)
	if !ok && v != nil {
		c.fail(name, "is not a string")
		return
	}
	*into = s
}

// assessment replaces the whole assessment: score, grade and duration, each of which may be null. "excelled", a grade of older
// samples, is no longer valid. [documented: docs/vendors/teamtailor.md] That parts that are not sent are cleared, and that
// unknown keys are refused, is [assumed].
func (c *attributeCheck) assessment(v any) {
	c.state.Score, c.state.Grade, c.state.Duration = nil, "", 0
	m, ok := v.(map[string]any)
	if !ok {
		if v != nil {
			c.fail("assessment", "is not an object")
		}
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		switch key {
		case "score":
			c.state.Score = c.score("assessment", m[key])
		case "grade":
			grade, isText := m[key].(string)
			known := slices.Contains([]string{"top_fit", "might_be_fit", "might_not_be_fit", "unknown"}, grade)
			if m[key] == nil || isText && known {
				c.state.Grade = grade
				continue
			}
			c.fail("assessment", "grade is not included in the list")
		case "duration":
			d, ok := duration(m[key])
			if !ok {
				c.fail("assessment", "duration is neither seconds nor HH:MM:SS")
				continue
			}
			c.state.Duration = d
		default:
			c.fail("assessment", "has the unknown key "+strconv.Quote(key))
		}
	}
}

// score takes a number from 0 to 100, or null.
func (c *attributeCheck) score(name string, v any) *float64 {
	if v == nil {
		return nil
	}
	n, ok := v.(json.Number)
	f, err := n.Float64()
	if !ok || err != nil || f < 0 || f > 100 {
		c.fail(name, "score is not a number from 0 to 100")
		return nil
	}
	return &f
}

// duration takes seconds, or HH:MM:SS.
func duration(v any) (time.Duration, bool) {
	switch v := v.(type) {
	case nil:
		return 0, true
	case json.Number:
		n, err := v.Int64()
		return time.Duration(n) * time.Second, err == nil && n >= 0
	case string:
		var h, m, s int
		rest := ""
		n, _ := fmt.Sscanf(v, "%d:%d:%d%s", &h, &m, &s, &rest) // the count says what was read
		ok := n == 3 && h >= 0 && m >= 0 && m < 60 && s >= 0 && s < 60
		return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second, ok
	}
	return 0, false
}

// details takes an object of at most two levels. [assumed] A list counts as a level.
func (c *attributeCheck) details(v any) {
	m, ok := v.(map[string]any)
	switch {
	case !ok && v != nil:
		c.fail("details", "is not an object")
	case depth(v) > 2:
		c.fail("details", "is more than 2 levels deep")
	default:
		c.state.Details = m
	}
}

// depth counts the levels of objects and lists: a plain value has none.
func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			deepest = max(deepest, depth(item))
		}
	case []any:
		for _, item := range v {
			deepest = max(deepest, depth(item))
		}
	default:
		return 0
	}
	return deepest + 1
}

// attachments takes links with exactly url and description; nothing is uploaded.
func (c *attributeCheck) attachments(v any) {
	c.state.Attachments = nil
	for _, m := range c.objects("attachments", v, "url", "description") {
		if !isWebURL(m["url"]) { // [assumed] the rule of the url attribute
			c.fail("attachments", "has an invalid URL")
		}
		c.state.Attachments = append(c.state.Attachments, Attachment{URL: m["url"], Description: m["description"]})
	}
}

// actions takes buttons with exactly buttonText, in camel case, and endpoint. [assumed] No other key is allowed.
func (c *attributeCheck) actions(v any) {
	c.state.Buttons = nil
	for _, m := range c.objects("actions", v, "buttonText", "endpoint") {
		c.state.Buttons = append(c.state.Buttons, Button{Text: m["buttonText"], Endpoint: m["endpoint"]})
	}
}

// objects takes a list of objects that have exactly these keys, each a string that is not empty. Null is no list.
func (c *attributeCheck) objects(name string, v any, keys ...string) []map[string]string {
	list, ok := v.([]any)
	if !ok && v != nil {
		c.fail(name, "is not a list")
	}
	var objects []map[string]string
	for _, item := range list {
		m, _ := item.(map[string]any)
		object := map[string]string{}
		for _, key := range keys {
			object[key], _ = m[key].(string)
		}
		if len(m) != len(keys) || slices.Contains(slices.Collect(maps.Values(object)), "") {
			c.fail(name, "must be objects with exactly "+strings.Join(keys, " and "))
			continue
		}
		objects = append(objects, object)
	}
	return objects
}

// criteria takes the scores of assessment criteria: id is required, score may be left out.
func (c *attributeCheck) criteria(v any) {
	c.state.Criteria = nil
	list, ok := v.([]any)
	if !ok && v != nil {
		c.fail("assessment-criteria", "is not a list")
	}
	for _, item := range list {
		m, _ := item.(map[string]any)
		id, _ := m["id"].(string)
		for key := range m {
			if key != "id" && key != "score" {
				id = ""
			}
		}
		if id == "" {
			c.fail("assessment-criteria", "must be objects with id and score")
			continue
		}
		c.state.Criteria = append(c.state.Criteria, CriterionScore{ID: id, Score: c.score("assessment-criteria", m["score"])})
	}
}

// job takes the number of a job of the candidate's company. [assumed] Another company's job is refused.
func (c *attributeCheck) job(company *Company, v any) *Job {
	if v == nil {
		return nil
	}
	n, _ := v.(json.Number)
	id, err := n.Int64()
	i := slices.IndexFunc(company.jobs, func(j *Job) bool { return int64(j.ID) == id && !j.template })
	if err != nil || i < 0 {
		c.fail("job-id", "must exist")
		return nil
	}
	return company.jobs[i]
}

// attributes renders a result for the Partner API. In lists and answers attachments may be null, details {}, and the
// assessment an object of nulls. [documented: docs/vendors/teamtailor.md]
func (r *result) attributes() map[string]any {
	st := r.state
	assessment := map[string]any{"score": nil, "grade": nil, "duration": nil}
	if st.Score != nil {
		assessment["score"] = *st.Score
	}
	if st.Grade != "" {
		assessment["grade"] = st.Grade
	}
	if st.Duration != 0 {
		assessment["duration"] = int(st.Duration / time.Second)
	}
	details := st.Details
	if details == nil {
		details = map[string]any{}
	}
	a := map[string]any{
		"status": st.Status, "candidate-id": r.candidate.ID, "job-id": nil, "summary": nullable(st.FullSummary),
		"url": nullable(st.URL), "assessment": assessment, "details": details,
		"attachments": nil, "actions": nil, "assessment-criteria": nil,
	}
	if r.job != nil {
		a["job-id"] = r.job.ID
	}
	var attachments, actions, criteria []map[string]any
	for _, x := range st.Attachments {
		attachments = append(attachments, map[string]any{"url": x.URL, "description": x.Description})
	}
	for _, x := range st.Buttons {
		actions = append(actions, map[string]any{"buttonText": x.Text, "endpoint": x.Endpoint})
	}
	for _, x := range st.Criteria {
		criteria = append(criteria, map[string]any{"id": x.ID, "score": x.Score})
	}
	for name, list := range map[string][]map[string]any{
		"attachments": attachments, "actions": actions, "assessment-criteria": criteria,
	} {
		if list != nil {
			a[name] = list
		}
	}
	return a
}
