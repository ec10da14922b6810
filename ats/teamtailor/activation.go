package teamtailor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
)

const (
	// activationField is the form's only field. Without hyphen or underscore,
	// because nobody says how those come back in the provider key
	// [assumed: docs/vendors/teamtailor.md].
	activationField = "apiKeys"
	validatePath    = "activation/validate"
	// parallelChecks is how many keys are checked at a time.
	parallelChecks = 8
)

// field is one field of a form [documented: docs/vendors/teamtailor.md].
type field struct {
	ID          string   `json:"id,omitempty"`
	Type        string   `json:"type"`
	Label       string   `json:"label,omitempty"`
	Description string   `json:"description,omitempty"`
	Required    bool     `json:"required,omitempty"`
	Refetch     bool     `json:"refetch,omitempty"`
	Value       string   `json:"value,omitempty"`
	Options     []option `json:"options,omitempty"`
	Icon        string   `json:"icon,omitempty"`
	Content     string   `json:"content,omitempty"`
}

type option struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type fieldMapping struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	APIName string `json:"apiName"`
}

// activationConfig returns the form that an administrator fills in. The documentation
// shows validateEndpoint in two places; it is in both.
func activationConfig(cfg Config) []byte {
	type form struct {
		Fields   []field        `json:"fields"`
		Mapping  []fieldMapping `json:"customFieldMapping"`
		Validate string         `json:"validateEndpoint"`
	}
	content := "Paste the Spark Hire organization key and one line for each user who invites candidates. " +
		"List yourself as a user too. Separate the entries by line breaks or semicolons."
	if cfg.HelpURL != "" {
		content += fmt.Sprintf(" <a href='%s'>Help</a>", html.EscapeString(cfg.HelpURL))
	}
	input := field{
		ID: activationField, Type: "text", Label: "Spark Hire API keys", Required: true,
		Description: "Organization: key; First Last: key; First Last: key",
	}
	if cfg.Textarea {
		input.Type = "textarea"
	}
	b, err := json.MarshalIndent(struct {
		Config   form   `json:"config"`
		Validate string `json:"validateEndpoint"`
	}{form{
		Fields: []field{{Type: "infobox", Icon: "info", Content: content}, input},
		Mapping: []fieldMapping{
			{Name: "Interview date", Type: "date", APIName: DefaultDateField},
			{Name: "Interview time", Type: "text", APIName: DefaultTimeField},
		},
		Validate: validatePath,
	}, validatePath}, "", "  ")
	if err != nil {
		panic("teamtailor: encode activation form: " + err.Error()) // constants encode
	}
	return b
}

// ActivationConfigJSON returns the activation form as JSON, to be pasted into the
// Integrations Hub. GET /activation serves the same for a dynamic form. It holds no
// secret.
func (a *Adapter) ActivationConfigJSON() []byte { return slices.Clone(a.activation) }

// activationForm serves the form. It is the same for everybody, because no
// credential comes with the call [assumed: docs/vendors/teamtailor.md].
func (h *handler) activationForm(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(h.activation)
}

// validate checks the keys that are typed into the form. The provider key carries
// them although they are not saved yet [assumed: docs/vendors/teamtailor.md]. All
// problems are listed, by line or user, and none repeats a key.
func (h *handler) validate(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), h.cfg.CallBudget)
	defer cancel()
	problems := func(status int, texts ...string) {
		writeJSON(w, status, map[string][]string{"errors": texts})
	}
	cred, err := h.credentialOf(req.Header)
	if err != nil {
		h.log.WarnContext(ctx, "refuse validation", "error", &authError{err})
		problems(http.StatusUnauthorized, "The values could not be verified. Save the form and validate again.")
		return
	}
	form, err := h.form(cred)
	var invalid *keyform.Error
	switch {
	case errors.As(err, &invalid):
		problems(http.StatusUnprocessableEntity, invalid.Messages()...)
		return
	case err != nil:
		problems(http.StatusUnauthorized, "The values of the form did not arrive. Fill in the API keys and validate again.")
		return
	case len(form.Users) == 0:
		problems(http.StatusUnprocessableEntity, "There is no line for a user. Add one for each person who invites candidates: First Last: key.")
		return
	}
	if texts := checkKeys(ctx, h.in.Lookup(), form); len(texts) > 0 {
		problems(http.StatusUnprocessableEntity, texts...)
		return
	}
	writeJSON(w, http.StatusOK, struct{}{})
}

// checkKeys asks Spark Hire about every key and returns a sentence for each one that
// it did not accept, in the order of the form.
func checkKeys(ctx context.Context, lookup ats.Lookup, form keyform.Form) []string {
	type entry struct {
		where string
		key   keyform.Key
	}
	entries := []entry{{"The organization key", form.Organization}}
	for _, u := range form.Users {
		entries = append(entries, entry{fmt.Sprintf("Line %d: the key of %s", u.Line, u.Name), u.Key})
	}
	slots := make(chan struct{}, parallelChecks)
	checks := make([]func() (string, error), len(entries))
	for i, e := range entries {
		checks[i] = start(ctx, func() (string, error) {
			slots <- struct{}{}
			defer func() { <-slots }()
			return lookup.CheckKey(ctx, ats.Secret(e.key.Reveal()))
		})
	}
	var texts []string
	for i, check := range checks {
		_, err := check()
		where := entries[i].where
		switch {
		case err == nil:
		case errors.Is(err, ats.ErrUnauthorized), errors.Is(err, ats.ErrForbidden):
			texts = append(texts, where+" was rejected by Spark Hire.")
		case errors.Is(err, ats.ErrRateLimited):
			texts = append(texts, where+" could not be checked, because Spark Hire is asked too often. Validate again in a minute.")
		default:
			texts = append(texts, where+" could not be checked, because Spark Hire did not answer in time. Validate again.")
		}
	}
	return texts
}
