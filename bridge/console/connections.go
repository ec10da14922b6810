package console

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

const (
	// connectionsAtOnce is a page of the overview: each row costs a few small reads.
	connectionsAtOnce = 20
	// countedMost is how far interviews and dead letters are counted.
	countedMost = 20
)

// overviewView is the first page.
type overviewView struct {
	Dead        count
	Connections []connectionRow
	Next        string
}

// connectionRow is a connection in the overview.
type connectionRow struct {
	store.Connection
	State               string
	Access              []string
	Waiting             int
	Unconfirmed, Failed count
}

// count is a number that stops at a bound.
type count struct {
	N    int
	More bool
}

// String returns the number, with a plus when there are more.
func (n count) String() string {
	if n.More {
		return strconv.Itoa(n.N) + "+"
	}
	return strconv.Itoa(n.N)
}

func (c *Console) overview(w http.ResponseWriter, r *http.Request, s session) error {
	ctx := r.Context()
	cs, next, err := c.engine.ListConnections(ctx, store.ListConnectionsParams{Limit: connectionsAtOnce, Cursor: r.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	dead, more, err := c.engine.ListDeliveries(ctx, store.ListDeliveriesParams{State: store.DeliveryDead, Limit: countedMost})
	if err != nil {
		return err
	}
	v := overviewView{Dead: count{len(dead), more != ""}, Next: nextPage(next, nil)}
	for _, row := range cs {
		shown := connectionRow{Connection: row, State: c.stateOf(row), Access: accessOf(row)}
		if shown.Waiting, err = c.engine.Waiting(ctx, row); err != nil {
			return err
		}
		if shown.Unconfirmed, err = c.count(ctx, row.ID, ats.StateUnconfirmed); err != nil {
			return err
		}
		if shown.Failed, err = c.count(ctx, row.ID, ats.StateFailed); err != nil {
			return err
		}
		v.Connections = append(v.Connections, shown)
	}
	c.show(w, r, s, http.StatusOK, "overview", "Overview", v)
	return nil
}

func (c *Console) count(ctx context.Context, connectionID string, state ats.State) (count, error) {
	is, more, err := c.engine.ListInterviews(ctx, store.ListInterviewsParams{ConnectionID: connectionID, State: state, Limit: countedMost})
	return count{len(is), more != ""}, err
}

// nextPage returns the address of a list's next page, seen from the list; none on
// the last one.
func nextPage(cursor string, filters url.Values) string {
	if cursor == "" {
		return ""
	}
	q := url.Values{"cursor": {cursor}}
	maps.Copy(q, filters)
	return "?" + q.Encode()
}

// stateOf returns in a word whether a connection works.
func (c *Console) stateOf(row store.Connection) string {
	_, known := c.engine.Adapter(row.Tenant.Adapter)
	switch {
	case !row.Connected:
		return "disconnected"
	case !known:
		return "adapter not enabled"
	case c.engine.CheckGate(c.engine.AdapterView(row)) != nil:
		return "not offered"
	case !row.Enabled:
		return "off"
	}
	return "on"
}

// accessOf says how a connection reaches Spark Hire.
func accessOf(row store.Connection) []string {
	linked := 0
	for _, u := range row.Users {
		if u.Credential != "" {
			linked++
		}
	}
	access := []string{"API " + row.APIVersion}
	if row.OrganizationCredential != "" {
		access = append(access, "organization key")
	}
	switch linked {
	case 0:
		access = append(access, "no linked user")
	case 1:
		access = append(access, "1 linked user")
	default:
		access = append(access, fmt.Sprintf("%d linked users", linked))
	}
	return access
}

// connectionView is the page of a connection.
type connectionView struct {
	connectionRow
	Gate             string // why it is not offered
	Pace             Pace
	Oldest, Until    moment
	Created, Updated moment
	Settings         []setting
	Users            []linkedUser
	WebhookURL       string
	SignIn           string // where the sign-in at the vendor starts
	OwnSignIn        bool   // everybody for themselves
	NeedsPrimary     bool
	Switch           bool
}

type setting struct{ Name, Value string }

type linkedUser struct {
	ats.User
	SparkHireName string
	Primary       bool
}

func (c *Console) connection(w http.ResponseWriter, r *http.Request, s session) error {
	return c.showConnection(w, r, s, nil)
}

// showConnection shows the page, with what went wrong before.
func (c *Console) showConnection(w http.ResponseWriter, r *http.Request, s session, failed error) error {
	ctx := r.Context()
	row, err := c.engine.ConnectionByID(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	view := c.engine.AdapterView(row)
	at := moments(row.TimeZone)
	v := connectionView{connectionRow: connectionRow{Connection: row, State: c.stateOf(row), Access: accessOf(row)}, Created: at(row.CreatedAt), Updated: at(row.UpdatedAt)}
	policy, policyErr := c.engine.PolicyOf(view)
	if policyErr == nil {
		if err := c.engine.CheckGate(view); err != nil {
			_, v.Gate = c.explain(w, r, policy, err)
		}
	}
	if v.Pace, err = c.engine.Pace(ctx, row); err != nil {
		return err
	}
	v.Oldest, v.Until = at(v.Pace.Oldest), at(v.Pace.BlockedUntil)
	if v.Unconfirmed, err = c.count(ctx, row.ID, ats.StateUnconfirmed); err != nil {
		return err
	}
	if v.Failed, err = c.count(ctx, row.ID, ats.StateFailed); err != nil {
		return err
	}
	secret, err := c.engine.SecretSettings(ctx, row.ID)
	if err != nil {
		return err
	}
	v.Settings = shownSettings(row.Settings, secret)
	names, err := c.engine.SparkHireUsers(ctx, row.ID)
	if err != nil {
		return err
	}
	for _, u := range view.Users {
		v.Users = append(v.Users, linkedUser{u, names[u.ID], u.ID == row.PrimaryUser})
	}
	if row.APIVersion == "v2" {
		v.WebhookURL = c.engine.WebhookURL(row.ID)
	}
	adapter, _ := c.engine.Adapter(row.Tenant.Adapter)
	if _, ok := adapter.(ats.Authorizer); ok && row.Connected {
		v.SignIn = c.base + "/oauth/" + url.PathEscape(row.Tenant.Adapter) + "/start?" + url.Values{"connection": {row.ID}}.Encode()
		v.OwnSignIn = policy.Settings == ats.SettingsByOwner
	}
	v.NeedsPrimary = policy.PrimaryUser == ats.Required
	v.Switch = row.Connected && policyErr == nil
	f, status := frame{Title: "Connection", Session: s, View: v}, http.StatusOK
	if failed != nil {
		status, f.Problem = c.explain(w, r, policy, failed)
	}
	c.showWith(w, r, status, "connection", f)
	return nil
}

// shownSettings returns the settings by name. The engine keeps no secrets among
// them; of those it is only told that they are set.
func shownSettings(settings json.RawMessage, secret []string) []setting {
	var m map[string]json.RawMessage
	_ = json.Unmarshal(settings, &m) // what cannot be read is not shown
	var shown []setting
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !ats.SecretSetting(name) {
			shown = append(shown, setting{name, string(m[name])})
		}
	}
	for _, name := range secret {
		shown = append(shown, setting{name, "set, not shown"})
	}
	return shown
}

// enable switches a connection on or off.
func (c *Console) enable(on bool) page {
	word := "switched-off"
	if on {
		word = "switched-on"
	}
	return func(w http.ResponseWriter, r *http.Request, s session) error {
		if err := parseForm(w, r); err != nil {
			return err
		}
		row, err := c.engine.ConnectionByID(r.Context(), r.PathValue("id"))
		if err != nil {
			return err
		}
		if err := c.engine.SetEnabled(r.Context(), row.ID, on, s.actor(c.engine.AdapterView(row))); err != nil {
			return c.showConnection(w, r, s, err)
		}
		c.back(w, r, c.link("/connections/{}", row.ID), word)
		return nil
	}
}
