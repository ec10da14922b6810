package teamtailor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

// maxRecent bounds a [recent]: a few hundred bytes each, twice.
const maxRecent = 4096

// recent remembers values by digest or place, never a secret itself. When it is
// full, the older half is forgotten.
type recent[V any] struct {
	mu         sync.Mutex
	young, old map[string]V
}

func (r *recent[V]) get(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.young[key]
	if ok {
		return v, true
	}
	if v, ok = r.old[key]; ok {
		r.put(key, v)
	}
	return v, ok
}

func (r *recent[V]) add(key string, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(key, v)
}

func (r *recent[V]) put(key string, v V) {
	if r.young == nil || len(r.young) >= maxRecent {
		r.young, r.old = make(map[string]V), r.young
	}
	r.young[key] = v
}

// credential is a checked provider key of one call. It lives no longer than the call.
type credential struct {
	token  string
	kind   sign.Kind
	digest string
}

// credentialOf checks the Authorization header. A key with the form of a JWT is
// genuine when this returns no error; an opaque one proves nothing until a
// connection is found for it. Errors are those of package sign.
func (a *Adapter) credentialOf(h http.Header) (credential, error) {
	token, ok := sign.BearerToken(h)
	if !ok {
		return credential{}, sign.ErrMissing
	}
	c := credential{token: token, digest: sign.Digest(token)}
	if kind, ok := a.keys.get(c.digest); ok {
		c.kind = kind
		return c, nil
	}
	key, err := sign.ParseProviderKey(token, a.partnerKeys, a.cfg.Clock())
	if err != nil {
		return credential{}, err
	}
	c.kind = key.Kind()
	_, expires := key.Field("exp")
	_, starts := key.Field("nbf")
	if c.kind == sign.JWT && !expires && !starts {
		a.keys.add(c.digest, c.kind)
	}
	return c, nil
}

// form reads the Spark Hire keys that the credential carries. An opaque one carries
// none and returns errNoForm; a form that cannot be read is a [*keyform.Error].
func (a *Adapter) form(c credential) (keyform.Form, error) {
	if c.kind != sign.JWT {
		return keyform.Form{}, errNoForm
	}
	key, err := sign.ParseProviderKey(c.token, a.partnerKeys, a.cfg.Clock())
	if err != nil {
		return keyform.Form{}, err
	}
	return formOf(key)
}

func formOf(key sign.ProviderKey) (keyform.Form, error) {
	value, ok := key.Field(activationField)
	if !ok {
		return keyform.Form{}, errNoForm
	}
	return keyform.Parse(value)
}

// userID is the id of a linked user, made from the name.
func userID(name string) string { return keyform.ID(name) }

// usersOf are the linked users of a form, without their keys.
func usersOf(form keyform.Form) []ats.User {
	users := make([]ats.User, len(form.Users))
	for i, u := range form.Users {
		users[i] = ats.User{ID: u.ID, Name: u.Name, Linked: true, KeyHint: ats.Secret(u.Key.Reveal()).Hint()}
	}
	return users
}

// opaqueConnection finds the connection for an opaque provider key: the last
// activation's, or the one whose settings name the key's digest, or, for a call
// whose signature has been checked, the company's own if nothing is known about
// its key. It returns an error that matches [ats.ErrNotFound] if there is none.
func (a *Adapter) opaqueConnection(ctx context.Context, in ats.Inbox, digest string, signedFor ats.TenantRef) (ats.Connection, error) {
	unknown := fmt.Errorf("find connection by provider key: %w", ats.ErrNotFound)
	c, err := in.ConnectionByCredential(ctx, Name, digest)
	switch {
	case err == nil && signedFor.Tenant != "" && c.Tenant != signedFor:
		return ats.Connection{}, unknown // somebody else's key
	case err == nil, !errors.Is(err, ats.ErrNotFound):
		return c, err
	case signedFor.Tenant == "":
		return ats.Connection{}, unknown
	}
	c, err = in.Connection(ctx, signedFor)
	if err != nil {
		return ats.Connection{}, err
	}
	s, err := settingsOf(c)
	if err != nil {
		return ats.Connection{}, err
	}
	named := orDefault(s.ProviderKeySHA256, c.CredentialDigest)
	if named == "" || strings.EqualFold(named, digest) {
		return c, nil
	}
	return ats.Connection{}, unknown
}

// secrets returns the present secrets, by stack, and the old ones after them, in
// the form in which package sign wants them.
func secrets(present map[Stack]ats.Secret, old []ats.Secret) []sign.Secret {
	var list []sign.Secret
	for _, stack := range slices.Sorted(maps.Keys(present)) {
		list = append(list, sign.NewSecret(orDefault(string(stack), "any"), present[stack].Reveal()))
	}
	for i, s := range old {
		list = append(list, sign.NewSecret(fmt.Sprintf("old-%d", i+1), s.Reveal()))
	}
	return list
}
