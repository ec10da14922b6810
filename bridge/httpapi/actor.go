package httpapi

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The headers with which a trusted backend says who acts.
const (
	headerActorID         = "Sparkbridge-Actor-Id"
	headerActorName       = "Sparkbridge-Actor-Name"
	headerActorEmail      = "Sparkbridge-Actor-Email"
	headerActorAdmin      = "Sparkbridge-Actor-Admin"
	headerActorTimeZone   = "Sparkbridge-Actor-Time-Zone"
	headerActorCredential = "Sparkbridge-Actor-Credential"
)

// namedActor returns the person that the headers name; the zero user when they name
// nobody.
func namedActor(h http.Header) (ats.User, error) {
	u := ats.User{
		ID: headerText(h, headerActorID), Name: headerText(h, headerActorName),
		Email: headerText(h, headerActorEmail), TimeZone: headerText(h, headerActorTimeZone),
	}
	switch admin := headerText(h, headerActorAdmin); {
	case strings.EqualFold(admin, "true"):
		u.Admin = true
	case admin != "" && !strings.EqualFold(admin, "false"):
		return ats.User{}, refuse(codeInvalidRequest, headerActorAdmin, "Write true or false.")
	}
	if u.ID == "" && u != (ats.User{}) {
		return ats.User{}, refuse(ats.CodeActorRequired, headerActorID, "The headers describe a person without saying who it is.")
	}
	if u.TimeZone != "" {
		if _, err := ats.LoadZone(u.TimeZone); err != nil {
			return ats.User{}, atField(err, headerActorTimeZone)
		}
	}
	return u, checkLength(headerActorID, u.ID, maxID)
}

// headerText returns a header as text. Programs send names in UTF-8 or, as the old
// rule has it, in Latin-1.
func headerText(h http.Header, name string) string {
	v := strings.TrimSpace(h.Get(name))
	if utf8.ValidString(v) {
		return v
	}
	runes := make([]rune, 0, len(v))
	for i := range len(v) {
		runes = append(runes, rune(v[i]))
	}
	return string(runes)
}

// actor returns who acts on a connection: whom the host recognizes by the
// credential, or whom the headers name, or nobody.
func (a *api) actor(r *http.Request, c ats.Connection) (ats.User, error) {
	u, err := a.actorOf(r, c)
	if err != nil {
		return ats.User{}, err
	}
	if known, ok := c.User(u.ID); ok {
		u.Linked, u.KeyHint = known.Linked, known.KeyHint
		if u.Name == "" {
			u.Name = known.Name
		}
		if u.TimeZone == "" {
			u.TimeZone = known.TimeZone
		}
	}
	return u, nil
}

func (a *api) actorOf(r *http.Request, c ats.Connection) (ats.User, error) {
	if u, ok := r.Context().Value(sessionKey{}).(ats.User); ok {
		return u, nil
	}
	credential := r.Header.Get(headerActorCredential)
	if credential == "" {
		return namedActor(r.Header)
	}
	adapter, err := a.adapter(c.Tenant.Adapter)
	if err != nil {
		return ats.User{}, err
	}
	resolver, ok := adapter.(ats.ActorResolver)
	if !ok {
		return ats.User{}, refuse(codeNotSupported, headerActorCredential, "This adapter's host cannot tell who holds a credential.")
	}
	u, err := resolver.Actor(r.Context(), c, credential)
	if _, told := ats.AsRefusal(err); !told && errors.Is(err, ats.ErrUnauthorized) {
		return ats.User{}, refuse(codeUnauthorized, headerActorCredential, "The host does not accept the actor's credential.")
	}
	if err != nil {
		return ats.User{}, err
	}
	return u, nil
}

// actorBefore returns who acts where there is no connection yet whose host could be
// asked.
func actorBefore(r *http.Request) (ats.User, error) {
	if r.Header.Get(headerActorCredential) != "" {
		return ats.User{}, refuse(codeInvalidRequest, headerActorCredential, "No host can be asked here. Name the person with "+headerActorID+".")
	}
	return namedActor(r.Header)
}
