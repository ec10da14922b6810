package bridge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Access is how a connection reaches Spark Hire, as an administrator says it. What
// is nil or empty stays as it is.
type Access struct {
	// Version is "v1" or "v2". A new connection without one is on v1. One that is on
	// v1 can move to v2, and not back: see [Bridge.UpdateConnection].
	Version string
	// OrganizationKey belongs to v1; an empty one is taken away.
	OrganizationKey *ats.Secret
	// ClientID and ClientSecret belong to v2. The secret alone can be replaced.
	ClientID     string
	ClientSecret ats.Secret
	// WebhookSecrets belong to v2: each is good for signing webhooks, so that one can
	// be replaced without a gap. An empty list takes them away.
	WebhookSecrets *[]ats.Secret
}

// String names what is said, never a value.
func (a Access) String() string { return strings.Join(a.changes(), ", ") }

// changes names what is said, for the audit log.
func (a Access) changes() []string {
	var names []string
	for _, c := range []struct {
		name string
		said bool
	}{
		{"version", a.Version != ""},
		{"organization_key", a.OrganizationKey != nil},
		{"client_id", a.ClientID != ""},
		{"client_secret", !a.ClientSecret.IsZero()},
		{"webhook_secret", a.WebhookSecrets != nil},
	} {
		if c.said {
			names = append(names, "spark_hire."+c.name)
		}
	}
	return names
}

// secretClient is the name of the account's client, in JSON.
const secretClient = "spark_hire_client" //nolint:gosec // the name of a secret, not one

// meetAccount is the client of an account.
type meetAccount struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

func (m meetAccount) key(requester string) ats.Secret {
	return MeetKey(m.ID, ats.Secret(m.Secret), requester)
}

func (m meetAccount) secret() (ats.Secret, error) {
	text, err := json.Marshal(m) //nolint:gosec // it is sealed before it is stored
	return ats.Secret(text), err
}

// meetAccount returns the connection's client, or a refusal when there is none.
func (b *Bridge) meetAccount(ctx context.Context, connectionID string) (meetAccount, error) {
	var m meetAccount
	text, err := secretStore{b, connectionID}.Get(ctx, secretClient)
	if errors.Is(err, ats.ErrNotFound) {
		return m, refuseWithoutClient("client_id")
	}
	if err == nil {
		err = json.Unmarshal([]byte(text.Reveal()), &m)
	}
	if err != nil {
		return m, fmt.Errorf("client of connection %s: %w", connectionID, err)
	}
	return m, nil
}

func refuseWithoutClient(field string) error {
	return ats.Refuse(codeClientRequired, "spark_hire."+field, "Spark Hire's API v2 needs a client id and a client secret. Make them in Spark Hire's integration settings, under Custom Integration V2.")
}

// checkAccess refuses what does not belong together, or does not belong to the API
// that the connection has now; none is a connection that is being made.
func checkAccess(present string, a Access) error {
	switch version := cmp.Or(a.Version, present, apiV1); version {
	case apiV1:
		return checkAccessV1(present, a)
	case apiV2:
		return checkAccessV2(present, a)
	default:
		return refuseAccess("version", fmt.Sprintf("There is no Spark Hire API %q here. Use v1 or v2.", version))
	}
}

func refuseAccess(field, message string) error {
	return ats.Refuse(codeUnsupported, "spark_hire."+field, message)
}

func checkAccessV1(present string, a Access) error {
	const newer = "This belongs to Spark Hire's API v2."
	switch {
	case present == apiV2:
		return refuseAccess("version", "This connection uses Spark Hire's API v2 and stays there: what v2 has made cannot be followed with keys of v1. Disconnect it to begin again.")
	case a.ClientID != "":
		return refuseAccess("client_id", newer)
	case !a.ClientSecret.IsZero():
		return refuseAccess("client_secret", newer)
	case a.WebhookSecrets != nil && len(*a.WebhookSecrets) > 0:
		return refuseAccess("webhook_secret", newer)
	}
	return nil
}

func checkAccessV2(present string, a Access) error {
	moves := present != apiV2
	switch {
	case a.OrganizationKey != nil && !a.OrganizationKey.IsZero():
		return refuseAccess("organization_key", "Spark Hire's API v2 has no keys: its client acts for every user.")
	case moves && a.ClientID == "":
		return refuseWithoutClient("client_id")
	case (moves || a.ClientID != "") && a.ClientSecret.IsZero():
		return refuseWithoutClient("client_secret")
	case strings.Contains(a.ClientID, "/"):
		return ats.Refuse(ats.CodeInvalidKey, "spark_hire.client_id", "A client id has no slash. Copy it again from Spark Hire.")
	case a.WebhookSecrets != nil && slices.ContainsFunc(*a.WebhookSecrets, ats.Secret.IsZero):
		return ats.Refuse(ats.CodeInvalidKey, "spark_hire.webhook_secret", "A webhook secret must not be empty: anybody could sign with it.")
	}
	return nil
}

// prepareAccess checks the client with Spark Hire, for every user who is linked, and
// returns it; zero when it stays as it is.
func (b *Bridge) prepareAccess(ctx context.Context, c store.Connection, a Access) (meetAccount, error) {
	if a.ClientSecret.IsZero() {
		return meetAccount{}, nil
	}
	m := meetAccount{ID: a.ClientID, Secret: a.ClientSecret.Reveal()}
	if m.ID == "" {
		present, err := b.meetAccount(ctx, c.ID)
		if err != nil {
			return m, err
		}
		m.ID = present.ID
	}
	for _, u := range c.Users {
		if u.Credential != "" && u.Email == "" {
			return m, ats.Refuse(codeEmailRequired, "users", fmt.Sprintf("The linked user %q has no e-mail address, and Spark Hire's API v2 knows users by theirs. Save it first.", u.ID))
		}
	}
	client, err := b.newMeetClient(m.ID, a.ClientSecret)
	if err != nil {
		return m, err
	}
	pay := &budget{b: b, credential: b.credentialOf(m.key("nobody@"))}
	err = classify(client.Authenticate(context.WithValue(ctx, payerKey{}, pay)), b.now, meetWords)
	if isVendorError(err) {
		return m, ats.Refuse(ats.CodeInvalidKey, "spark_hire.client_secret", "Spark Hire does not accept this client id and secret. Copy them again from Spark Hire's integration settings, under Custom Integration V2.")
	}
	if err != nil {
		return m, fmt.Errorf("check Spark Hire client: %w", err)
	}
	var g errgroup.Group
	g.SetLimit(4)
	for _, u := range c.Users {
		if u.Credential == "" {
			continue
		}
		g.Go(func() error {
			return b.checkRequester(ctx, m.key(u.Email), "users", fmt.Sprintf("the linked user %q", u.ID))
		})
	}
	return m, g.Wait()
}

// checkRequester refuses a requester whom Spark Hire does not take.
func (b *Bridge) checkRequester(ctx context.Context, key ats.Secret, field, who string) error {
	_, err := b.Lookup().CheckKey(ctx, key)
	if isVendorError(err) {
		return ats.Refuse(ats.CodeInvalidKey, field, "Spark Hire does not know the e-mail address of "+who+" as that of an active user of its account. Save the address that Spark Hire has.")
	}
	if err != nil {
		return fmt.Errorf("check Spark Hire user: %w", err)
	}
	return nil
}

// applyAccess changes c to what was said and returns the secrets to save with it.
func (b *Bridge) applyAccess(c *store.Connection, a Access, m meetAccount) (map[string]ats.Secret, error) {
	secrets := map[string]ats.Secret{}
	if cmp.Or(a.Version, c.APIVersion) != apiV2 {
		if a.OrganizationKey != nil {
			b.setOrganizationKey(c, *a.OrganizationKey)
		}
		return secrets, nil
	}
	if c.APIVersion != apiV2 {
		kept, err := b.keep(*c)
		if err != nil {
			return nil, err
		}
		if secrets[secretKept], err = kept.secret(); err != nil {
			return nil, err
		}
		c.APIVersion, c.OrganizationKey, c.OrganizationCredential = apiV2, nil, ""
	}
	if m.ID != "" {
		var err error
		if secrets[secretClient], err = m.secret(); err != nil {
			return nil, err
		}
		c.OrganizationKey, c.OrganizationCredential = nil, "" // of another client
		c.Users = slices.Clone(c.Users)
		for n := range c.Users {
			if u := &c.Users[n]; u.Credential != "" && u.Email != "" {
				b.setKey(u, c.ID, m.key(u.Email))
			}
		}
	}
	if a.WebhookSecrets != nil {
		text, err := meetHookText(*a.WebhookSecrets)
		if err != nil {
			return nil, err
		}
		secrets[secretMeetHooks] = text
	}
	return secrets, nil
}

func meetHookText(all []ats.Secret) (ats.Secret, error) {
	if len(all) == 0 {
		return "", nil
	}
	plain := make([]string, len(all))
	for n, s := range all {
		plain[n] = s.Reveal()
	}
	text, err := json.Marshal(plain)
	return ats.Secret(text), err
}

// versionOf returns the API that an activation's keys are for, or a refusal when
// they are for both.
func versionOf(a ats.Activation) (string, error) {
	version := ""
	keys := []ats.Secret{a.OrganizationKey}
	for _, u := range a.Users {
		keys = append(keys, u.Key)
	}
	for _, key := range keys {
		if key.IsZero() {
			continue
		}
		own := apiV1
		if _, ok := parseMeetKey(key); ok {
			own = apiV2
		}
		if version != "" && own != version {
			return "", ats.Refuse(ats.CodeInvalidKey, "users", "The keys are for two versions of Spark Hire's API. Give every user one for the same.")
		}
		version = own
	}
	return version, nil
}

// moveBy makes a connection ready for what an activation brings, and returns the
// secrets to save with it. Keys of v1.0 mean nothing to one that has moved.
func (b *Bridge) moveBy(c *store.Connection, a *ats.Activation, version string) (map[string]ats.Secret, error) {
	switch {
	case version == apiV2:
		var m meetAccount
		for n, u := range a.Users {
			if k, ok := parseMeetKey(u.Key); ok {
				m = meetAccount{ID: k.clientID, Secret: k.clientSecret.Reveal()}
				a.Users[n].Email = cmp.Or(u.Email, k.requester)
			}
		}
		if k, ok := parseMeetKey(a.OrganizationKey); ok && m.ID == "" {
			m = meetAccount{ID: k.clientID, Secret: k.clientSecret.Reveal()}
		}
		return b.applyAccess(c, Access{Version: apiV2}, m)
	case c.APIVersion == apiV2 && version == apiV1:
		a.OrganizationKey = b.openKey(c.OrganizationKey, organizationContext(c.ID))
		for n, u := range a.Users {
			a.Users[n].Key = b.presentKey(*c, u.ID)
		}
	}
	return nil, nil
}

// presentKey returns the key that a user of the connection has.
func (b *Bridge) presentKey(c store.Connection, userID string) ats.Secret {
	for _, u := range c.Users {
		if u.ID == userID {
			return b.openKey(u.Key, userContext(c.ID, u.ID))
		}
	}
	return ""
}

// openKey opens a sealed key; none, and one of another ring, are empty.
func (b *Bridge) openKey(sealed []byte, aad string) ats.Secret {
	if len(sealed) == 0 {
		return ""
	}
	plain, err := b.keys.Open(sealed, aad)
	if err != nil {
		return ""
	}
	return ats.Secret(plain)
}
