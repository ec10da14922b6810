package bridge

import (
	"errors"
	"html/template"
	"net/http"
	"strings"
	"unicode"

	"github.com/sparkbridge/sparkbridge/ats"
)

// authorizationPage is all that a person sees of us after signing in.
//
//nolint:gochecknoglobals // a constant
var authorizationPage = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}}</title></head>
<body><main><h1>{{.Title}}</h1><p>{{.Text}}</p>{{with .Detail}}<p>The answer was: {{.}}</p>{{end}}</main></body></html>
`))

type authorizationAnswer struct {
	Title, Text, Detail string
	status              int
}

// authorized serves GET /oauth/{adapter}/callback. Whoever comes has no credential of
// ours: the state is the proof.
func (b *Bridge) authorized(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "use GET", http.StatusMethodNotAllowed)
		return
	}
	q := r.URL.Query()
	code := q.Get("code")
	denied := plain(q.Get("error"))
	if denied != "" {
		code = ""
	}
	err := b.FinishAuthorization(r.Context(), r.PathValue("adapter"), q.Get("state"), code)
	answer := authorizationAnswer{status: http.StatusBadRequest, Title: "Not connected"}
	switch {
	case errors.Is(err, errNoFlow):
		answer.Text = "This sign-in is not known, has expired or was used already. Start it again."
	case err == nil && denied != "":
		answer.Text = "The sign-in was not completed. Nothing has changed."
		answer.Detail = strings.TrimSuffix(denied+": "+plain(q.Get("error_description")), ": ")
	case err == nil && code == "":
		answer.Text = "The answer has no code. Nothing has changed; start again."
	case err == nil:
		answer = authorizationAnswer{status: http.StatusOK, Title: "Connected", Text: "The account is connected. You can close this window."}
	case errors.Is(err, ats.ErrUnauthorized):
		answer.Text = "The sign-in was not accepted. Nothing has changed; start again."
	default:
		b.log.ErrorContext(r.Context(), "authorization not finished", "adapter", r.PathValue("adapter"), "error", err)
		answer.status, answer.Text = http.StatusServiceUnavailable, "The sign-in could not be finished at the moment. Nothing has changed; start again."
		if refusal, ok := ats.AsRefusal(err); ok {
			answer.status, answer.Text = http.StatusUnprocessableEntity, refusal.Message
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address holds the code
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.WriteHeader(answer.status)
	if err := authorizationPage.Execute(w, answer); err != nil {
		b.log.DebugContext(r.Context(), "page not written", "error", err)
	}
}

// plain returns a vendor's text short and in one line.
func plain(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, s)
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return strings.TrimSpace(s)
}
