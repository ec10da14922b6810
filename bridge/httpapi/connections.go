package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// connection is a connection as callers see it.
type connection struct {
	ID          string          `json:"id"`
	Adapter     string          `json:"adapter"`
	Tenant      string          `json:"tenant"`
	Name        string          `json:"name"`
	TimeZone    string          `json:"time_zone"`
	Enabled     bool            `json:"enabled"`
	Connected   bool            `json:"connected"`
	Settings    json.RawMessage `json:"settings"`
	SparkHire   account         `json:"spark_hire"`
	PrimaryUser string          `json:"primary_user"`
	CreatedAt   time.Time       `json:"created_at"`
	UpdatedAt   time.Time       `json:"updated_at"`
}

// account is how a connection reaches Spark Hire, without the key.
type account struct {
	Version         string `json:"version"`
	OrganizationKey bool   `json:"organization_key_set"`
	// WebhookURL is what a person enters at Spark Hire, on v2.
	WebhookURL string `json:"webhook_url,omitempty"`
}

func (a *api) connectionOf(c store.Connection) connection {
	shown := connection{
		ID: c.ID, Adapter: c.Tenant.Adapter, Tenant: c.Tenant.Tenant, Name: c.Name, TimeZone: c.TimeZone,
		Enabled: c.Enabled, Connected: c.Connected, Settings: shownSettings(c.Settings),
		SparkHire:   account{Version: c.APIVersion, OrganizationKey: c.OrganizationKey != nil},
		PrimaryUser: c.PrimaryUser, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.APIVersion == "v2" {
		shown.SparkHire.WebhookURL = a.engine.WebhookURL(c.ID)
	}
	return shown
}

// shownSettings returns the settings without those that are secrets. The engine
// keeps none of them there; one that came otherwise is not shown either.
func shownSettings(settings json.RawMessage) json.RawMessage {
	m := map[string]json.RawMessage{}
	if len(settings) > 0 && json.Unmarshal(settings, &m) != nil {
		return json.RawMessage("{}")
	}
	maps.DeleteFunc(m, func(name string, _ json.RawMessage) bool { return ats.SecretSetting(name) })
	shown, err := json.Marshal(m)
	if err != nil || len(m) == 0 {
		return json.RawMessage("{}")
	}
	return shown
}

// newConnection is the body that creates a connection.
type newConnection struct {
	Adapter     string                     `json:"adapter"`
	Tenant      string                     `json:"tenant"`
	Name        string                     `json:"name"`
	TimeZone    string                     `json:"time_zone"`
	Enabled     *bool                      `json:"enabled"`
	Settings    map[string]json.RawMessage `json:"settings"`
	SparkHire   newAccount                 `json:"spark_hire"`
	PrimaryUser string                     `json:"primary_user"`
}

// newAccount is how to reach Spark Hire. The last three belong to version v2.
type newAccount struct {
	Version         string               `json:"version"`
	OrganizationKey optional[ats.Secret] `json:"organization_key"`
	ClientID        string               `json:"client_id"`
	ClientSecret    ats.Secret           `json:"client_secret"`
	WebhookSecret   optional[secrets]    `json:"webhook_secret"`
}

// maxSecrets is how many webhook secrets are good at once.
const maxSecrets = 3

// access checks the lengths; what belongs together is the engine's to say.
func (s newAccount) access() (Access, error) {
	a := Access{Version: s.Version, ClientID: s.ClientID, ClientSecret: s.ClientSecret}
	if s.OrganizationKey.Set {
		a.OrganizationKey = &s.OrganizationKey.Value
	}
	texts := []string{
		"spark_hire.organization_key", s.OrganizationKey.Value.Reveal(),
		"spark_hire.client_id", s.ClientID, "spark_hire.client_secret", s.ClientSecret.Reveal(),
	}
	if s.WebhookSecret.Set {
		all := []ats.Secret(s.WebhookSecret.Value)
		if len(all) > maxSecrets {
			return a, refuse(codeInvalidRequest, "spark_hire.webhook_secret", fmt.Sprintf("At most %d secrets are good at once.", maxSecrets))
		}
		for _, secret := range all {
			texts = append(texts, "spark_hire.webhook_secret", secret.Reveal())
		}
		a.WebhookSecrets = &all
	}
	return a, checkTexts(maxText, texts...)
}

// secrets is one secret, or a list while one is being replaced. An empty text is
// none.
type secrets []ats.Secret

// UnmarshalJSON reads either form.
func (s *secrets) UnmarshalJSON(b []byte) error {
	var one ats.Secret
	if json.Unmarshal(b, &one) == nil {
		*s = nil
		if !one.IsZero() {
			*s = secrets{one}
		}
		return nil
	}
	return json.Unmarshal(b, (*[]ats.Secret)(s))
}

func (a *api) createConnection(w http.ResponseWriter, r *http.Request) error {
	body, err := decodeBody[newConnection](w, r)
	if err != nil {
		return err
	}
	access, err := body.SparkHire.access()
	if err != nil {
		return err
	}
	if err := checkTexts(maxText, "tenant", body.Tenant, "name", body.Name, "primary_user", body.PrimaryUser); err != nil {
		return err
	}
	by, err := actorBefore(r)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(body.Settings)
	if err != nil {
		return fmt.Errorf("encode settings: %w", err)
	}
	if body.Settings == nil {
		settings = nil
	}
	c, err := a.engine.CreateConnection(r.Context(), store.Connection{
		Tenant: ats.TenantRef{Adapter: body.Adapter, Tenant: body.Tenant}, Name: body.Name, TimeZone: body.TimeZone,
		Enabled: a.enabled(body), Settings: settings, PrimaryUser: body.PrimaryUser,
	}, access, by)
	if err != nil {
		return err
	}
	a.located(w, "/connections/"+url.PathEscape(c.ID))
	return a.answer(w, r, http.StatusCreated, a.connectionOf(c))
}

// enabled is whether a new connection is switched on. Where administrators have the
// switch, one of them does that.
func (a *api) enabled(body newConnection) bool {
	if body.Enabled != nil {
		return *body.Enabled
	}
	adapter, ok := a.engine.Adapter(body.Adapter)
	return !ok || adapter.Policy().Settings != ats.SettingsByAdministrator
}

// located says where what was created can be read.
func (a *api) located(w http.ResponseWriter, path string) {
	w.Header().Set("Location", a.baseURL+prefix+path)
}

func (a *api) listConnections(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "adapter", "limit", "cursor")
	if err != nil {
		return err
	}
	limit, err := limitOf(q)
	if err != nil {
		return err
	}
	cs, next, err := a.engine.ListConnections(r.Context(), store.ListConnectionsParams{Adapter: q.Get("adapter"), Limit: limit, Cursor: q.Get("cursor")})
	if err != nil {
		return cursorError(err)
	}
	return a.answer(w, r, http.StatusOK, pageOf(cs, a.connectionOf, next))
}

// page is one page of a list; the last one has no cursor.
type page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor"`
}

func pageOf[In, Out any](in []In, convert func(In) Out, next string) page[Out] {
	return page[Out]{Items: listOf(in, convert).Items, NextCursor: next}
}

// list is a whole list.
type list[T any] struct {
	Items []T `json:"items"`
}

func listOf[In, Out any](in []In, convert func(In) Out) list[Out] {
	out := make([]Out, len(in))
	for n, v := range in {
		out[n] = convert(v)
	}
	return list[Out]{out}
}

func (a *api) getConnection(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, a.connectionOf(c.row))
}

// connectionChange is the body that changes a connection. What is left out stays.
type connectionChange struct {
	Name        optional[string]                     `json:"name"`
	TimeZone    optional[string]                     `json:"time_zone"`
	Enabled     *bool                                `json:"enabled"`
	Settings    optional[map[string]json.RawMessage] `json:"settings"`
	SparkHire   newAccount                           `json:"spark_hire"`
	PrimaryUser optional[string]                     `json:"primary_user"`
}

// apply overlays a connection with the change. Settings are merged member by
// member.
func (b connectionChange) apply(c *store.Connection) error {
	if b.Name.Set {
		c.Name = b.Name.Value
	}
	if b.TimeZone.Set {
		c.TimeZone = b.TimeZone.Value
	}
	if b.Enabled != nil {
		c.Enabled = *b.Enabled
	}
	if b.PrimaryUser.Set {
		c.PrimaryUser = b.PrimaryUser.Value
	}
	if !b.Settings.Set {
		return nil
	}
	if b.Settings.Value == nil {
		return refuse(codeInvalidRequest, "settings", "This field must be an object. Set a single setting to null to remove it.")
	}
	merged := map[string]json.RawMessage{}
	if len(c.Settings) > 0 {
		if err := json.Unmarshal(c.Settings, &merged); err != nil {
			return fmt.Errorf("settings of connection %s: the stored text is damaged", c.ID)
		}
	}
	maps.Copy(merged, b.Settings.Value)
	settings, err := json.Marshal(merged)
	if err != nil {
		return fmt.Errorf("settings of connection %s: %w", c.ID, err)
	}
	c.Settings = settings
	return nil
}

func (a *api) updateConnection(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	body, err := decodeBody[connectionChange](w, r)
	if err != nil {
		return err
	}
	access, err := body.SparkHire.access()
	if err != nil {
		return err
	}
	if err := checkTexts(maxText, "name", body.Name.Value, "primary_user", body.PrimaryUser.Value); err != nil {
		return err
	}
	by, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	row, err := a.engine.UpdateConnection(r.Context(), c.row.ID, by, access, body.apply)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, a.connectionOf(row))
}

func (a *api) deleteConnection(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	by, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	if err := a.engine.DisconnectByID(r.Context(), c.row.ID, by); err != nil {
		return err
	}
	return noContent(w)
}
