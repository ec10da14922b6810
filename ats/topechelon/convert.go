package topechelon

import (
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
)

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

// candidateFromAPI returns a person with the address that counts, T19: the primary
// one, else the first, with its own mark that it must not be written to.
func candidateFromAPI(p api.Person) ats.Candidate {
	c := ats.Candidate{ID: p.ID, FirstName: p.FirstName, LastName: p.LastName}
	if c.Name() == "" {
		// Reading has shown the whole name only [observed: docs/vendors/topechelon.md]:
		// what follows the first word is taken for the last name.
		first, last, _ := strings.Cut(strings.TrimSpace(p.Name), " ")
		c.FirstName, c.LastName = first, strings.TrimSpace(last)
	}
	if e, ok := emailOf(p.Emails); ok {
		c.Email, c.DoNotEmail = strings.TrimSpace(e.Address), e.DoNotEmail
	}
	return c
}

// emailOf chooses among a person's addresses.
func emailOf(all []api.Email) (api.Email, bool) {
	for _, e := range all {
		if e.Primary && strings.TrimSpace(e.Address) != "" {
			return e, true
		}
	}
	for _, e := range all {
		if strings.TrimSpace(e.Address) != "" {
			return e, true
		}
	}
	return api.Email{}, false
}

func jobFromAPI(j api.Job) ats.Job {
	return ats.Job{ID: j.ID, Title: j.Title, City: j.City, Region: j.State}
}
