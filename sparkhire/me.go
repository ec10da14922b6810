package sparkhire

import "context"

const mePath = "/me"

// MeService reads the user who owns the key.
type MeService service

// Get returns the user who owns the key. It is the call to check a key with: a wrong one gives
// [ErrUnauthorized], and so does 400, which the vendor is seen to answer to a bad key.
//
// GET /me, https://docs.sparkhire.com/
func (s *MeService) Get(ctx context.Context) (*User, error) {
	return get[User](ctx, s.client, mePath)
}
