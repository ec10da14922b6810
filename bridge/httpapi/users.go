package httpapi

import (
	"errors"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
)

// user is a linked user as callers see it.
type user struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	TimeZone      string `json:"time_zone"`
	Linked        bool   `json:"linked"`
	KeyHint       string `json:"key_hint"`
	SparkHireUser string `json:"spark_hire_user"`
}

// userOf returns a function that shows users, with the names that their keys have at
// Spark Hire.
func userOf(names map[string]string) func(ats.User) user {
	return func(u ats.User) user {
		shown := user{ID: u.ID, Name: u.Name, Email: u.Email, TimeZone: u.TimeZone, Linked: u.Linked, KeyHint: u.KeyHint}
		if u.Linked {
			shown.SparkHireUser = names[u.ID]
		}
		return shown
	}
}

func (a *api) listUsers(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	by, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	if err := a.engine.CheckGate(c.view); err != nil {
		return err
	}
	if err := a.engine.CheckSettings(c.view, by); err != nil {
		return err
	}
	names, err := a.engine.SparkHireUsers(r.Context(), c.row.ID)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, listOf(c.view.Users, userOf(names)))
}

// newUser is the body that links a user. Without an api_key, or with null, the present
// one stays; an empty one is taken away.
type newUser struct {
	Name     string      `json:"name"`
	Email    string      `json:"email"`
	TimeZone string      `json:"time_zone"`
	APIKey   *ats.Secret `json:"api_key"`
}

func (a *api) putUser(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "user_id")
	if err != nil {
		return err
	}
	body, err := decodeBody[newUser](w, r)
	if err != nil {
		return err
	}
	if err := checkTexts(maxText, "name", body.Name, "email", body.Email); err != nil {
		return err
	}
	if body.APIKey != nil {
		if err := checkLength("api_key", body.APIKey.Reveal(), maxText); err != nil {
			return err
		}
	}
	by, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	u, err := a.engine.SaveUser(r.Context(), c.row.ID, ats.User{ID: id, Name: body.Name, Email: body.Email, TimeZone: body.TimeZone}, body.APIKey, by)
	if err != nil {
		return err
	}
	names, err := a.engine.SparkHireUsers(r.Context(), c.row.ID)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, userOf(names)(u))
}

func (a *api) deleteUser(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "user_id")
	if err != nil {
		return err
	}
	by, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	err = a.engine.RemoveUser(r.Context(), c.row.ID, id, by)
	if errors.Is(err, ats.ErrNotFound) {
		return refuse(codeNotFound, "", "There is no linked user with this id.")
	}
	if err != nil {
		return err
	}
	return noContent(w)
}
