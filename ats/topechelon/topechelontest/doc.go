// Package topechelontest plays Top Echelon (TE Recruit) and the program that shows its pipelines, for tests, demonstrations
// and development without an account. It follows net/http/httptest, needs only the standard library, holds state, and is
// strict.
//
//	te := topechelontest.NewServer()
//	defer te.Close()
//	agency := te.AddAgency("Northwind Search")
//	ana := agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz"})
//	app := agency.AddIntegration("Interviews", "https://integration.example/callback")
//	back, err := ana.Allow(consentURL) // what the browser is sent back to
//
// [Server] is the consent page, the token endpoint and the part of the public API v1 that has been seen at work. There is
// no call for pipelines, stages, activities or users: code that invents one gets 404 and an entry in [Site.Violations].
// [Host] is what no public call offers: who signed in, who is in which pipeline, and the column Interview Status, by the
// HTTP contract that this module has for it.
//
// # How sure we are
//
// Behavior is marked where it is made: documented (by the vendor), observed (in public code), or assumed, with the reasons in
// docs/vendors/topechelon.md. What is assumed and could matter is an [Option]. Nothing here is proof of how the vendor
// behaves.
//
// # Authentication
//
// [Agency.AddIntegration] gives what the vendor shows once: client id, secret and scopes. [User.Allow] plays a user at the
// consent page; a browser can open the same page. Codes work once, refresh tokens work once, access tokens end by
// [WithClock]. A host takes the bearer token [Host.Token].
//
// # Pagination
//
// Both envelopes: pagination and entries for searches, metadata.resultset and results for hotlists.
//
// # Errors
//
// Refusals have the body {"errors": ["…"]}, whose form is assumed. A request that nobody who knows the interface would
// send is refused and listed by [Site.Violations].
//
// # Retries and rate limits
//
// [Server.Throttle] answers with 429 in each of its three forms. [WithRateLimit] sets a limit per user.
//
// # Faults
//
// [Site.Inject] makes either site answer with an error or garbage, cut connections before or after the effect, or hold a
// request.
//
// # Concurrency
//
// Everything is safe for concurrent use.
//
// # Testing
//
// Under testing/synctest use [InMemory] and [Site.Client]: no socket then keeps the virtual clock from advancing.
//
// # Limits
//
// Of what has been seen, creating and updating people and the quick find are absent, as the integration has no use for them.
package topechelontest
