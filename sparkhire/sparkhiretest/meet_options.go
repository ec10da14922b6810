package sparkhiretest

import (
	"cmp"
	"net/http"
	"time"
)

// meetConfig is what the options for version 2.0 set; what is zero has its default.
type meetConfig struct {
	life        time.Duration // of a token
	secretive   bool          // about it
	requester   int           // status of a requester who may not
	refusal     int           // status of a request that is understood and refused
	expiredGone bool
}

func (c meetConfig) tokenLife() time.Duration { return cmp.Or(c.life, 4*time.Hour) }

func (c meetConfig) requesterStatus() int { return cmp.Or(c.requester, http.StatusForbidden) }

func (c meetConfig) refusalStatus() int { return cmp.Or(c.refusal, http.StatusUnprocessableEntity) }

// WithTokenLifetime sets how long an access token of version 2.0 is good for, by the server's clock. The default is
// four hours. [assumed from a program that keeps them for 225 minutes: docs/vendors/sparkhire.md]
func WithTokenLifetime(d time.Duration) Option {
	return func(c *config) { c.meet.life = d }
}

// WithoutExpiresIn leaves expires_in out of the answer that brings a token, so that clients must guess. The default has
// it. [assumed: it is standard OAuth2 and was not observed; docs/vendors/sparkhire.md]
func WithoutExpiresIn() Option {
	return func(c *config) { c.meet.secretive = true }
}

// WithRequesterStatus sets the status of requests whose requester is missing, unknown, disabled or not allowed to do
// what is asked. The default is 403; 401 and 422 are as plausible. [assumed: docs/vendors/sparkhire.md]
func WithRequesterStatus(status int) Option {
	return func(c *config) { c.meet.requester = status }
}

// WithMeetRefusalStatus is [WithRefusalStatus] for version 2.0, where the default is 422.
// [assumed: docs/vendors/sparkhire.md]
func WithMeetRefusalStatus(status int) Option {
	return func(c *config) { c.meet.refusal = status }
}

// WithExpiredItemsGone makes version 2.0 answer 410 for an item that has expired, as version 1.0 does. The default
// shows it with its status. [assumed: docs/vendors/sparkhire.md]
func WithExpiredItemsGone() Option {
	return func(c *config) { c.meet.expiredGone = true }
}
