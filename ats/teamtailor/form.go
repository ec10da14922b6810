package teamtailor

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
)

// formError is why no trigger form can be shown. Its text is for the recruiter.
type formError string

func (e formError) Error() string { return string(e) }

// config serves the trigger form, with the present values if there are any. It is
// opened for a trigger, from a candidate's card, for several candidates at once, or
// on a template, and works alike for all of them. Whatever goes wrong is answered
// with 200 and an error field, so that the recruiter can read it
// [documented: docs/vendors/teamtailor.md].
func (h *handler) config(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), h.cfg.FormBudget)
	defer cancel()
	fields, err := h.formFields(ctx, req)
	var answer struct {
		Config struct {
			Fields any `json:"fields"`
		} `json:"config"`
	}
	answer.Config.Fields = fields
	if err != nil {
		var known formError
		if !errors.As(err, &known) {
			known = "The Spark Hire integration cannot show its form right now. Close it and open it again in a few minutes."
			h.log.WarnContext(ctx, "serve trigger form", "error", err)
		}
		// The sample in the documentation has the string "true", not a boolean.
		answer.Config.Fields = []map[string]string{{"type": "error", "message": string(known), "required": "true"}}
	}
	writeJSON(w, http.StatusOK, answer)
}

func (h *handler) formFields(ctx context.Context, req *http.Request) ([]field, error) {
	cred, err := h.credentialOf(req.Header)
	if err != nil {
		h.log.WarnContext(ctx, "refuse trigger form", "error", &authError{err})
		return nil, formError(authText(err))
	}
	keys, err := h.form(cred)
	var invalid *keyform.Error
	switch {
	case errors.As(err, &invalid):
		return nil, formError(formText(invalid))
	case err != nil:
		return nil, formError(settingsText)
	case len(keys.Users) == 0:
		return nil, formError("No user has an API key in the Spark Hire settings. An administrator adds a line for each.")
	}
	conn, err := h.in.ConnectionByCredential(ctx, Name, cred.digest)
	if err != nil && !errors.Is(err, ats.ErrNotFound) {
		return nil, err
	}
	f := triggerForm{keys: keys, conn: conn, chosen: chosenValues(req.URL.Query())}
	if f.chosen[fieldRecruiter] == "" {
		f.chooseRecruiter(h.openerOf(ctx, conn, req))
	} else {
		f.chooseRecruiter("")
	}
	if err := f.lookUp(ctx, h.in.Lookup()); err != nil {
		return nil, err
	}
	return f.fields(h.zones()), nil
}

// triggerForm is what a recruiter fills in.
type triggerForm struct {
	keys   keyform.Form
	conn   ats.Connection // zero until the company's first trigger
	chosen formData

	recruiter    string // id; may be empty
	jobs         []ats.Option
	questionSets []ats.Option
}

// chooseRecruiter keeps the chosen recruiter, else presets the one who has opened
// the form, else the only one there is.
func (f *triggerForm) chooseRecruiter(opener string) {
	for _, id := range []string{f.chosen[fieldRecruiter], userID(opener)} {
		if u, ok := f.keys.User(id); ok {
			f.recruiter = u.ID
			return
		}
	}
	if len(f.keys.Users) == 1 {
		f.recruiter = f.keys.Users[0].ID
	}
}

// openerOf returns the name of the Teamtailor user who has opened the form, for
// presetting the recruiter. It takes the company's token, which most companies do
// not share, and a third of the time that there is at most; without it nobody is
// preset.
func (h *handler) openerOf(ctx context.Context, conn ats.Connection, req *http.Request) string {
	id, token := req.URL.Query().Get("user_id"), ats.Secret(strings.TrimSpace(req.Header.Get(tokenHeader)))
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, h.cfg.FormBudget/3)
	defer cancel()
	settings, err := settingsOf(conn)
	if err == nil && token.IsZero() {
		token, err = conn.Secret(ctx, secretCompanyToken, settings.CompanyAPIToken)
	}
	if err != nil || token.IsZero() {
		return ""
	}
	base, ok := h.bases.Host(req.Header.Get("Teamtailor-Host"))
	if !ok {
		if base, err = h.baseOf(ctx, conn, settings); err != nil {
			return ""
		}
	}
	client, err := h.publicAPI(base, token)
	if err != nil {
		return ""
	}
	user, err := client.Users.Get(ctx, id)
	if err != nil {
		h.log.DebugContext(ctx, "preset recruiter", "error", err)
		return ""
	}
	return user.Name
}

// lookUp asks Spark Hire for jobs and question sets: with the recruiter's key, or
// with the organization's as long as nobody is chosen. It does not wait longer than
// ctx allows, whatever the lookup does.
func (f *triggerForm) lookUp(ctx context.Context, lookup ats.Lookup) error {
	key, owner := f.keys.Organization, "the organization"
	if u, ok := f.keys.User(f.recruiter); ok {
		key, owner = u.Key, u.Name
	}
	secret := ats.Secret(key.Reveal())
	jobs := start(ctx, func() ([]ats.Option, error) { return lookup.Jobs(ctx, secret) })
	sets := start(ctx, func() ([]ats.Option, error) {
		if typ, _ := ats.ParseInterviewType(f.chosen[fieldType]); typ == ats.Live {
			return nil, nil
		}
		return lookup.QuestionSets(ctx, secret)
	})
	var jobsErr, setsErr error
	f.jobs, jobsErr = jobs()
	f.questionSets, setsErr = sets()
	for _, err := range []error{jobsErr, setsErr} {
		switch {
		case err == nil:
		case errors.Is(err, ats.ErrUnauthorized), errors.Is(err, ats.ErrForbidden):
			return formError("The API key of " + owner + " is no longer accepted by Spark Hire. An administrator replaces it in the Spark Hire settings.")
		case errors.Is(err, ats.ErrRateLimited):
			return formError("Spark Hire is asked too often with the API key of " + owner + ". Close this form and open it again in a minute.")
		default:
			return formError("Spark Hire did not answer in time for " + owner + ". Close this form and open it again.")
		}
	}
	if len(f.jobs) == 0 {
		return formError("There is no active job in Spark Hire for " + owner + ". Create one there and open this form again.")
	}
	return nil
}

// start calls f in the background and returns a function that waits for what it
// returns, at most until ctx ends.
func start[T any](ctx context.Context, f func() (T, error)) func() (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	return func() (T, error) {
		select {
		case r := <-done:
			return r.value, r.err
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}
}

// fields returns the form. With a type chosen it holds what that type needs; without
// one it holds everything and requires nothing that depends on the type, so that it
// works even where a change of the type does not fetch it again
// [assumed: docs/vendors/teamtailor.md].
func (f *triggerForm) fields(zones []option) []field {
	typ, known := ats.ParseInterviewType(f.chosen[fieldType])
	live := known && typ == ats.Live
	settings, _ := settingsOf(f.conn) // wrong settings are named when a request comes
	list := []field{
		{Type: "infobox", Icon: "info", Content: "The date and time are read from the candidate's custom fields " +
			label(settings.DateField) + " and " + label(settings.TimeField) + ". For a one-way interview they are the deadline, for a live interview the start."},
		{ID: fieldRecruiter, Type: "select", Label: "Recruiter", Required: true, Refetch: true, Value: f.recruiter, Options: f.recruiters()},
		{ID: fieldType, Type: "select", Label: "Type of interview", Required: true, Refetch: true, Options: []option{
			{string(ats.OneWay), ats.OneWay.Label()}, {string(ats.Live), ats.Live.Label()},
		}},
		{ID: fieldJob, Type: "select", Label: "Spark Hire job", Required: true, Options: options(f.jobs)},
		{ID: fieldZone, Type: "select", Label: "Timezone", Required: true, Value: f.conn.TimeZone, Options: zones},
	}
	if known {
		list[2].Value = string(typ)
	}
	switch {
	case live:
	case len(f.questionSets) == 0:
		list = append(list, field{Type: "infobox", Icon: "warning", Content: "There is no question set in Spark Hire, so only live interviews can be created."})
	default:
		list = append(list, field{ID: fieldQuestionSet, Type: "select", Label: "Question set (one-way only)", Required: known, Options: options(f.questionSets)})
	}
	if !live || settings.LiveFormTime {
		box := field{ID: fieldSchedule, Type: "datetime-local", Label: "Schedule interview (manual one-way only)"}
		if settings.LiveFormTime {
			box.Label = "Schedule interview (manual only)"
		}
		box.Description = "Used when the candidate's custom fields are empty. A trigger does not use it."
		list = append(list, box)
	}
	for i := range list {
		list[i].preset(f.chosen)
	}
	return list
}

// preset gives the field the value that was chosen before, if it is still possible.
func (f *field) preset(chosen formData) {
	value, ok := chosen[f.ID]
	if !ok || f.ID == "" {
		value = f.Value
	}
	possible := func(o option) bool { return o.ID == value }
	if f.Type == "select" && !slices.ContainsFunc(f.Options, possible) {
		value = f.Value
		if !slices.ContainsFunc(f.Options, possible) {
			value = ""
		}
	}
	f.Value = value
}

func (f *triggerForm) recruiters() []option {
	list := make([]option, len(f.keys.Users))
	for i, u := range f.keys.Users {
		list[i] = option{ID: u.ID, Label: u.Name}
	}
	return list
}

func options(list []ats.Option) []option {
	converted := make([]option, 0, len(list))
	for _, o := range list {
		if o.ID == "" || slices.ContainsFunc(converted, func(c option) bool { return c.ID == o.ID }) {
			continue
		}
		converted = append(converted, option{ID: o.ID, Label: orDefault(o.Label, o.ID)})
	}
	return converted
}

// chosenValues reads the values chosen so far, in each of the three ways in which
// they may come: one JSON text, bracketed parameters, flat parameters; names with
// hyphens or underscores [assumed: docs/vendors/teamtailor.md].
func chosenValues(query url.Values) formData {
	chosen := formData{}
	known := []string{fieldRecruiter, fieldType, fieldJob, fieldZone, fieldQuestionSet, fieldSchedule}
	set := func(name, value string) {
		name = strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(name, "[]")), "_", "-")
		if slices.Contains(known, name) {
			choose(chosen, name, value)
		}
	}
	for name, values := range query { // flat first: the others are meant more exactly
		set(name, strings.Join(values, ", "))
	}
	for name, values := range query {
		inner, ok := strings.CutPrefix(strings.Replace(name, "webhook-data", "webhook_data", 1), "webhook_data[")
		if ok {
			set(strings.Replace(inner, "]", "", 1), strings.Join(values, ", "))
		}
	}
	for _, name := range []string{"webhook_data", "webhook-data"} {
		for _, raw := range query[name] {
			for name, value := range packedForm(raw) {
				set(name, value)
			}
		}
	}
	return chosen
}
