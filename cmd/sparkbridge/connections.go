package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/client"
)

// connectionsCmd looks at connections and changes them.
type connectionsCmd struct {
	clientFlags

	List       connectionsList       `cmd:"" help:"List connections, oldest first."`
	Show       connectionsShow       `cmd:"" help:"Show one connection."`
	Create     connectionsCreate     `cmd:"" help:"Connect a tenant of an ATS."`
	Update     connectionsUpdate     `cmd:"" help:"Change what a JSON file says and leave the rest."`
	Enable     connectionsEnable     `cmd:"" help:"Switch a connection on."`
	Disable    connectionsDisable    `cmd:"" help:"Switch a connection off: it accepts no requests."`
	Disconnect connectionsDisconnect `cmd:"" help:"Forget a connection's secrets; pending reports are still delivered."`
	Users      connectionsUsers      `cmd:"" help:"The linked users of a connection."`
	Erase      connectionsErase      `cmd:"" help:"Erase what is kept about a candidate."`
}

type connectionsList struct {
	Adapter string `help:"Only those of this adapter." placeholder:"NAME"`
	Limit   int    `help:"List at most so many; 0 lists everything." default:"50"`
}

// Run lists connections.
func (l connectionsList) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	c, err := of.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	query := url.Values{"limit": {pageSize(l.Limit)}}
	if l.Adapter != "" {
		query.Set("adapter", l.Adapter)
	}
	return listed(t, of.JSON, l.Limit, c.List(ctx, "/connections", query),
		[]string{"ID", "ADAPTER", "TENANT", "NAME", "ENABLED", "CONNECTED", "UPDATED"}, func(c client.Connection) []string {
			return []string{c.ID, c.Adapter, c.Tenant, c.Name, strconv.FormatBool(c.Enabled), strconv.FormatBool(c.Connected), moment(c.UpdatedAt)}
		})
}

// change makes a call about a connection and shows what it is then.
func (k connectionsCmd) change(ctx context.Context, t terminal, method, path string, body any) error {
	c, err := k.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	text, err := c.Call(ctx, method, path, nil, body)
	if err != nil {
		return err
	}
	if k.JSON {
		return printJSON(t.stdout, text)
	}
	return printConnection(t, text)
}

func printConnection(t terminal, text json.RawMessage) error {
	c, err := decode[client.Connection](text)
	if err != nil {
		return err
	}
	var settings []string
	for _, name := range slices.Sorted(maps.Keys(c.Settings)) {
		value, err := json.Marshal(c.Settings[name])
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		settings = append(settings, name+"="+string(value))
	}
	return printPairs(t.stdout, "connection", c.ID, "adapter", c.Adapter, "tenant", c.Tenant, "name", c.Name,
		"time zone", c.TimeZone, "enabled", strconv.FormatBool(c.Enabled), "connected", strconv.FormatBool(c.Connected),
		"Spark Hire API", c.SparkHire.Version, "organization key", strconv.FormatBool(c.SparkHire.OrganizationKey),
		"primary user", c.PrimaryUser, "settings", strings.Join(settings, " "),
		"created", moment(c.CreatedAt), "updated", moment(c.UpdatedAt))
}

type connectionsShow struct {
	ID string `arg:"" help:"Id of the connection."`
}

// Run shows a connection.
func (s connectionsShow) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	return of.change(ctx, t, http.MethodGet, client.Path("connections", s.ID), nil)
}

type connectionsCreate struct {
	File                string            `help:"JSON file with the whole connection, - for the standard input; flags win." placeholder:"FILE"`
	Adapter             string            `help:"Name of the ATS, such as teamtailor." placeholder:"NAME"`
	Tenant              string            `help:"The customer's id at the ATS." placeholder:"ID"`
	Name                string            `help:"What people call it." placeholder:"NAME"`
	TimeZone            string            `help:"The customer's time zone, such as Europe/Stockholm." placeholder:"ZONE"`
	Disabled            bool              `help:"Create it switched off."`
	OrganizationKeyFile string            `help:"File with Spark Hire's organization key, - for the standard input." placeholder:"FILE"`
	PrimaryUser         string            `help:"The user whose key carries status updates." placeholder:"ID"`
	Setting             map[string]string `help:"A setting of the adapter; the value is JSON, or a text. May be repeated." placeholder:"NAME=VALUE" mapsep:"none"`
}

// Run creates a connection.
func (n connectionsCreate) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	body, err := t.object(n.File)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"adapter": n.Adapter, "tenant": n.Tenant, "name": n.Name, "time_zone": n.TimeZone, "primary_user": n.PrimaryUser} {
		if value != "" {
			body[name] = value
		}
	}
	if n.Disabled {
		body["enabled"] = false
	}
	if len(n.Setting) > 0 {
		settings, ok := body["settings"].(map[string]any)
		if !ok {
			settings = map[string]any{}
		}
		for name, value := range n.Setting {
			settings[name] = settingOf(value)
		}
		body["settings"] = settings
	}
	if n.OrganizationKeyFile != "" {
		key, err := t.secret(n.OrganizationKeyFile)
		if err != nil {
			return err
		}
		body["spark_hire"] = map[string]any{"version": "v1", "organization_key": key}
	}
	if len(body) == 0 {
		return &usageError{errors.New("say what to connect: --adapter and --tenant, or --file")}
	}
	return of.change(ctx, t, http.MethodPost, "/connections", body)
}

// settingOf reads a value as JSON where it is JSON, else as a text.
func settingOf(text string) any {
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return text
}

// object reads a file that holds one JSON object; no file is an empty one.
func (t terminal) object(file string) (map[string]any, error) {
	body := map[string]any{}
	if file == "" {
		return body, nil
	}
	text, err := t.read(file)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &body); err != nil || body == nil {
		return nil, &usageError{fmt.Errorf("%s must hold one JSON object", file)}
	}
	return body, nil
}

type connectionsUpdate struct {
	ID   string `arg:"" help:"Id of the connection."`
	File string `help:"JSON file with what changes, - for the standard input." placeholder:"FILE" required:""`
}

// Run changes a connection.
func (u connectionsUpdate) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	body, err := t.object(u.File)
	if err != nil {
		return err
	}
	return of.change(ctx, t, http.MethodPatch, client.Path("connections", u.ID), body)
}

type connectionsEnable struct {
	ID string `arg:"" help:"Id of the connection."`
}

// Run switches a connection on.
func (e connectionsEnable) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	return of.change(ctx, t, http.MethodPatch, client.Path("connections", e.ID), map[string]bool{"enabled": true})
}

type connectionsDisable struct {
	ID string `arg:"" help:"Id of the connection."`
}

// Run switches a connection off.
func (d connectionsDisable) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	return of.change(ctx, t, http.MethodPatch, client.Path("connections", d.ID), map[string]bool{"enabled": false})
}

type connectionsDisconnect struct {
	ID string `arg:"" help:"Id of the connection."`
}

// Run disconnects a connection.
func (d connectionsDisconnect) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	return of.remove(ctx, t, client.Path("connections", d.ID), "disconnected")
}

// remove deletes something and says so.
func (k connectionsCmd) remove(ctx context.Context, t terminal, path, done string) error {
	c, err := k.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Call(ctx, http.MethodDelete, path, nil, nil); err != nil || k.JSON {
		return err
	}
	_, err = fmt.Fprintln(t.stdout, done)
	return err
}

type connectionsErase struct {
	ID        string `arg:"" help:"Id of the connection."`
	Candidate string `arg:"" help:"Id of the candidate."`
}

// Run erases a candidate.
func (e connectionsErase) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	return of.remove(ctx, t, client.Path("connections", e.ID, "candidates", e.Candidate), "erased")
}
