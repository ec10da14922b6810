package topechelon

import "github.com/sparkbridge/sparkbridge/ats"

// actorOf returns a user as the host knows them.
func actorOf(c ats.Connection, u ats.User) Actor {
	return Actor{
		UserRef: UserRef{AgencyID: c.Tenant.Tenant, UserID: u.ID},
		Name:    u.Name, Email: u.Email, TimeZone: u.TimeZone,
	}
}

// userOf returns a user of the host with what the connection knows of them.
func userOf(c ats.Connection, a Actor) ats.User {
	u := ats.User{ID: a.UserID, Name: a.Name, Email: a.Email, TimeZone: a.TimeZone}
	if known, ok := c.User(u.ID); ok {
		u.Linked, u.KeyHint = known.Linked, known.KeyHint
	}
	return u
}
