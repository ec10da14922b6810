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
}

func connectionOf(c store.Connection) connection {
	return connection{
		ID: c.ID, Adapter: c.Tenant.Adapter, Tenant: c.Tenant.Tenant, Name: c.Name, TimeZone: c.TimeZone,
		Enabled: c.Enabled, Connected: c.Connected, Settings: shownSettings(c.Settings),
		SparkHire:   account{Version: c.APIVersion, OrganizationKey: c.OrganizationKey != nil},
		PrimaryUser: c.PrimaryUser, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
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
	Version         string     `json:"version"`
	OrganizationKey ats.Secret `json:"organization_key"`
	ClientID        string     `json:"client_id"`
	ClientSecret    ats.Secret `json:"client_secret"`
	WebhookSecret   ats.Secret `json:"webhook_secret"`
}

// check refuses what belongs to a version that is not spoken here.
func (s newAccount) check() error {
	if s.Version != "" && s.Version != "v1" {
		return refuse(codeUnsupported, "spark_hire.version", fmt.Sprintf("Spark Hire's API %q is not supported yet. Use v1.", s.Version))
	}
	for field, given := range map[string]bool{
		"client_id": s.ClientID != "", "client_secret": !s.ClientSecret.IsZero(), "webhook_secret": !s.WebhookSecret.IsZero(),
	} {
		if given {
			return refuse(codeUnsupported, "spark_hire."+field, "This belongs to Spark Hire's API v2, which is not supported yet.")
		}
	}
	return nil
}

func (a *api) createConnection(w http.ResponseWriter, r *http.Request) error {
	body, err := decodeBody[newConnection](w, r)
	if err != nil {
		return err
	}
	if err := body.SparkHire.check(); err != nil {
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
		Enabled: a.enabled(body), Settings: settings, APIVersion: body.SparkHire.Version, PrimaryUser: body.PrimaryUser,
	}, body.SparkHire.OrganizationKey, by)
	if err != nil {
		return err
	}
	a.located(w, "/connections/"+url.PathEscape(c.ID))
	return a.answer(w, r, http.StatusCreated, connectionOf(c))
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
	return a.answer(w, r, http.StatusOK, pageOf(cs, connectionOf, next))
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
	return a.answer(w, r, http.StatusOK, connectionOf(c.row))
}

// connectionChange is the body that changes a connection. What is left out stays.
type connectionChange struct {
	Name        optional[string]                     `json:"name"`
	TimeZone    optional[string]                     `json:"time_zone"`
	Enabled     *bool                                `json:"enabled"`
	Settings    optional[map[string]json.RawMessage] `json:"settings"`
	SparkHire   accountChange                        `json:"spark_hire"`
	PrimaryUser optional[string]                     `json:"primary_user"`
}

type accountChange struct {
	Version         string               `json:"version"`
	OrganizationKey optional[ats.Secret] `json:"organization_key"`
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
	if err := (newAccount{Version: body.SparkHire.Version}).check(); err != nil {
		return err
	}
	if err := checkTexts(maxText, "name", body.Name.Value, "primary_user", body.PrimaryUser.Value); err != nil {
		return err
	}
	by, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	var key *ats.Secret
	if body.SparkHire.OrganizationKey.Set {
		key = &body.SparkHire.OrganizationKey.Value
	}
	row, err := a.engine.UpdateConnection(r.Context(), c.row.ID, by, key, body.apply)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, connectionOf(row))
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
