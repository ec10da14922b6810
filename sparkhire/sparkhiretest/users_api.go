package sparkhiretest

import (
	"strings"
	"time"
)

// listUsers lists the users of the account, disabled ones included. [assumed: docs/vendors/sparkhire.md]
func (s *Server) listUsers(c *call) (any, *problem) {
	var all []*user
	for _, u := range s.users.list {
		if u.account == c.user.account && !u.deleted {
			all = append(all, u)
		}
	}
	return list(s, c, all, s.userJSON, orders[*user]{
		"created": byTime(func(u *user) time.Time { return u.createdAt }),
		"updated": byTime(func(u *user) time.Time { return u.updatedAt }),
		"name":    byText((*user).name),
		"email":   byText(func(u *user) string { return u.email }),
	})
}

// namedUser finds the user in the path among those of the caller's account; everybody there sees everybody.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) namedUser(c *call) (*user, *problem) {
	u, ok := s.users.get(c.args["uuid"])
	if !ok || u.deleted || u.account != c.user.account {
		return nil, notFound("User")
	}
	return u, nil
}

func (s *Server) getUser(_ *call, u *user) (any, *problem) { return s.userJSON(u), nil }

// createUser makes a user without a key. [documented for the website: administrators only, e-mail unique;
// docs/vendors/sparkhire.md]
func (s *Server) createUser(c *call) (any, *problem) {
	u := &user{account: c.user.account}
	if p := s.readUser(c, u, nil); p != nil {
		return nil, p
	}
	count := 0
	for _, other := range s.users.list {
		if other.account == u.account && !other.deleted {
			count++
		}
	}
	if count >= u.account.plan.Users {
		return nil, refusal(s.cfg.refusal, "The plan's users_limit is reached.")
	}
	s.keepUser(u)
	return s.userJSON(u), nil
}

// updateUser changes name, address and role. A body that is refused changes nothing.
func (s *Server) updateUser(c *call, u *user) (any, *problem) {
	draft := *u
	if s.cfg.putReplaces {
		draft.first, draft.last, draft.email, draft.role = "", "", "", Standard
	}
	if p := s.readUser(c, &draft, u); p != nil {
		return nil, p
	}
	*u = draft
	u.updatedAt = s.moment()
	return s.userJSON(u), nil
}

// readUser reads the writable fields into dst.
// [modeled: the fields; assumed: which are required; docs/vendors/sparkhire.md]
func (s *Server) readUser(c *call, dst, except *user) *problem {
	return s.read(c, func(f *fields) {
		level := s.cfg.words.role(dst.role)
		f.text("first_name", &dst.first)
		f.text("last_name", &dst.last)
		f.text("email", &dst.email)
		f.text("permission_level", &level)
		f.require("first_name", dst.first != "")
		f.require("last_name", dst.last != "")
		f.require("email", dst.email != "")
		if !strings.Contains(dst.email, "@") {
			f.refuse("email is not an address.")
		}
		if s.addressTaken(dst.email, except) {
			f.refuse("email belongs to another user.")
		}
		switch w := s.cfg.words; level {
		case w.Standard:
			dst.role = Standard
		case w.Admin:
			dst.role = Admin
		case w.Evaluator:
			dst.role = Evaluator
		default:
			f.refuse("permission_level is not one of %s, %s, %s.", w.Admin, w.Standard, w.Evaluator)
		}
	})
}

// deleteUser removes a user; the key stops working. [assumed: docs/vendors/sparkhire.md]
func (s *Server) deleteUser(_ *call, u *user) (any, *problem) {
	u.deleted = true
	s.setKey(u, "")
	return nil, nil
}
