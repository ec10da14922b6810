package main

import (
	"context"
	"net/http"
	"strconv"

	"github.com/sparkbridge/sparkbridge/internal/client"
)

// connectionsUsers looks at the linked users of a connection and changes them.
type connectionsUsers struct {
	List   usersList   `cmd:"" help:"List the linked users."`
	Set    usersSet    `cmd:"" help:"Link a user, or change what is known of one."`
	Remove usersRemove `cmd:"" help:"Unlink a user and forget the key."`
}

type usersList struct {
	ID string `arg:"" help:"Id of the connection."`
}

// Run lists linked users.
func (l usersList) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	c, err := of.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	return listed(t, of.JSON, 0, c.List(ctx, client.Path("connections", l.ID, "users"), nil),
		[]string{"ID", "NAME", "LINKED", "KEY", "AT SPARK HIRE"}, func(u client.User) []string {
			return []string{u.ID, u.Name, strconv.FormatBool(u.Linked), u.KeyHint, u.SparkHireUser}
		})
}

type usersSet struct {
	ID       string `arg:"" help:"Id of the connection."`
	User     string `arg:"" help:"Id of the user at the ATS."`
	Name     string `help:"The user's name." placeholder:"NAME"`
	Email    string `help:"The user's e-mail address." placeholder:"ADDRESS"`
	TimeZone string `help:"The user's time zone." placeholder:"ZONE"`
	KeyFile  string `name:"api-key-file" help:"File with the user's Spark Hire key, - for the standard input; without one the present key stays." placeholder:"FILE"`
}

// Run links a user.
func (s usersSet) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	body := map[string]string{}
	for name, value := range map[string]string{"name": s.Name, "email": s.Email, "time_zone": s.TimeZone} {
		if value != "" {
			body[name] = value
		}
	}
	if s.KeyFile != "" {
		key, err := t.secret(s.KeyFile)
		if err != nil {
			return err
		}
		body["api_key"] = key
	}
	c, err := of.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	text, err := c.Call(ctx, http.MethodPut, client.Path("connections", s.ID, "users", s.User), nil, body)
	if err != nil {
		return err
	}
	if of.JSON {
		return printJSON(t.stdout, text)
	}
	u, err := decode[client.User](text)
	if err != nil {
		return err
	}
	return printPairs(t.stdout, "user", u.ID, "name", u.Name, "e-mail", u.Email, "linked", strconv.FormatBool(u.Linked),
		"key", u.KeyHint, "at Spark Hire", u.SparkHireUser)
}

type usersRemove struct {
	ID   string `arg:"" help:"Id of the connection."`
	User string `arg:"" help:"Id of the user at the ATS."`
}

// Run unlinks a user.
func (r usersRemove) Run(ctx context.Context, t terminal, of *connectionsCmd) error {
	return of.remove(ctx, t, client.Path("connections", r.ID, "users", r.User), "removed")
}
