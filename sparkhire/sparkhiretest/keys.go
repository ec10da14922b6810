package sparkhiretest

import "time"

// keyJSON is an integration key. [modeled: docs/vendors/sparkhire.md]
type keyJSON struct {
	UUID      string   `json:"uuid"`
	APIKey    string   `json:"api_key"`
	CreatedAt wireTime `json:"created_at"`
}

func (u *user) keyJSON() keyJSON {
	return keyJSON{u.keyID, u.key, wireTime(u.keyMadeAt)}
}

// giveKey sets a user's key and, the first time, what identifies it. Rotation keeps the UUID.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) giveKey(u *user, key string) {
	if u.keyID == "" {
		u.keyID = s.cfg.ids.uuid()
	}
	u.keyMadeAt = s.moment()
	s.setKey(u, key)
}

// keyOwner finds the user in the path whose key the caller may handle: the own one, or any as an administrator.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) keyOwner(c *call) (*user, *problem) {
	u, p := s.namedUser(c)
	if p == nil && u != c.user {
		p = mayAdminister(c.user)
	}
	return u, p
}

// keyHolder is keyOwner for a user who has a key.
func (s *Server) keyHolder(c *call) (*user, *problem) {
	u, p := s.keyOwner(c)
	if p == nil && u.key == "" {
		p = notFound("Integration key")
	}
	return u, p
}

func (s *Server) getKey(_ *call, u *user) (any, *problem) { return u.keyJSON(), nil }

// createKey makes the first key of a user. A second one is refused: PUT is for that.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) createKey(_ *call, u *user) (any, *problem) {
	if u.key != "" {
		return nil, refusal(s.cfg.refusal, "The user has an integration key already.")
	}
	s.giveKey(u, s.cfg.ids.secret())
	return u.keyJSON(), nil
}

// rotateKey replaces a key; the old one is dead before the answer is out.
// [modeled: rotation; assumed: at once; docs/vendors/sparkhire.md]
func (s *Server) rotateKey(_ *call, u *user) (any, *problem) {
	s.giveKey(u, s.cfg.ids.secret())
	return u.keyJSON(), nil
}

func (s *Server) revokeKey(_ *call, u *user) (any, *problem) {
	s.setKey(u, "")
	u.keyID, u.keyMadeAt = "", time.Time{}
	return nil, nil
}
