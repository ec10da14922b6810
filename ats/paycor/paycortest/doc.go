// Package paycortest plays Paycor Recruiting, for tests, demonstrations and development without a vendor account: the sign-in
// page, the token endpoints and the recruiting part of the public API v1 ([Server]), and a product that owns the candidate's
// screen and speaks our host contract ([Host]). It is to an integration with Paycor what net/http/httptest is to an HTTP
// client, holds state, and is as strict as the vendor is known to be.
//
//	paycor := paycortest.NewServer()
//	defer paycor.Close()
//	entity := paycor.AddLegalEntity(paycortest.LegalEntityConfig{})
//	job := entity.AddAccount(paycortest.AccountConfig{}).AddJob(paycortest.JobConfig{})
//	maya := job.AddCandidate(paycortest.CandidateConfig{Email: "maya.okafor@mail.example"})
//	app := paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
//
//	host := paycortest.NewHost()
//	defer host.Close()
//	host.Front(paycor)
//	credential := host.AddUser(paycortest.UserConfig{ID: 910233, Name: "Tove Lindqvist"})
//
// # How sure we are
//
// Behavior is marked where it is made: documented (by the vendor), observed (in public code), or assumed, with the reasons in
// docs/vendors/paycor.md. What is contradictory or not known and could matter to an integration is a member of [Quirks], so
// that a test can run under each reading. The host contract is ours altogether.
//
// # Authentication
//
// Every call needs the subscription key of an [Application] and an access token. Without the key the answer is 401 with a
// text, without a good token 401 without a body. [Server.Consent] plays the administrator on the sign-in page and
// [Application.Activate] skips it. Access tokens live 1800 seconds of the server's clock; a refresh token is good for one
// use, and [Application.Refreshes] tells of every one. A host wants [Host.Token] as bearer token.
//
// # Pagination
//
// Pages have 100 records. A continuation token is good for the request that it came with, and no other.
//
// # Retries and rate limits
//
// A subscription key is good for 1000 calls per minute; see [WithRateLimit].
//
// # Faults
//
// [Endpoint.Inject] makes either server answer with an error, cut connections before or after the effect, hold a request
// until it is released, or answer with broken JSON, for a number of requests or until a moment. [Host.WithoutNewsfeed] and
// [Host.WithoutTab] make a host say that it cannot do something at all.
//
// # Concurrency
//
// Everything is safe for concurrent use.
//
// # Testing
//
// Under testing/synctest use [InMemory] with [Endpoint.RoundTripper] or [Endpoint.Client], and make the server inside the
// bubble: no socket then keeps the virtual clock from advancing. Tokens and rate limits follow that clock.
//
// # Limits
//
// Only what recruiting needs is here. Pay ranges, departments and postings of jobs are absent, and so are events, which
// Paycor does not send about recruiting.
package paycortest
