// Package teamtailortest plays Teamtailor, for tests, demonstrations and development without a vendor account: the
// Integrations Hub with its forms, triggers and buttons, the Partner API, the part of the public API that an interview
// integration uses, and company webhooks. It is to an integration with Teamtailor what net/http/httptest is to an HTTP
// client, holds state, and is as strict as the vendor is known to be.
//
//	tt := teamtailortest.NewServer()
//	defer tt.Close()
//	partner := tt.RegisterPartner(teamtailortest.PartnerConfig{BaseURL: integrationURL})
//	company := tt.AddCompany(teamtailortest.CompanyConfig{})
//	installed, err := partner.Install(ctx, company, teamtailortest.Values{"apiKeys": "…"})
//
// From there a recruiter's work is a method each: [Activation.SaveTrigger], [Server.MoveCandidate],
// [Activation.RunManually], [Activation.RunBulk], [Server.PressAction]. What the recruiter then sees is [Server.Card], which
// [Server.AwaitCard] waits for.
//
// # How sure we are
//
// Behavior is marked where it is made: documented (by the vendor), observed (in public code), or assumed, with the reasons in
// docs/vendors/teamtailor.md. Whatever is assumed and could matter to an integration is an [Option] in assumptions.go, so
// that a test can run under each reading.
//
// # Authentication
//
// The Partner API takes the partner's key after the word Token or Bearer; see [WithSchemes]. The public API takes a company's
// token as "Token token=…". A key that is unknown here gets 401 without a body. Calls to the integration carry the provider
// key as bearer token and Teamtailor-Signature; [SendOption] values spoil either.
//
// # Retries and rate limits
//
// Each call to an integration is made once, whatever becomes of it. Both APIs allow 50 requests per 10 seconds and key by
// default; the 51st is answered with 429 and X-Rate-Limit-Reset.
//
// # Faults
//
// [Server.Inject] makes the APIs answer with an error, lose connections before or after the effect, hold a request until it
// is released, or answer with broken JSON. [Lost], [AnswerLost], [BadSignature] and their like do the same to single calls
// in the other direction.
//
// # Concurrency
//
// Everything but [Form] is safe for concurrent use. Methods that call the integration return when it has answered. Company
// webhooks, and triggers that fire because of a call to the public API, are delivered in the background, one at a time and in
// order; [Server.Wait] waits for them.
//
// # Testing
//
// Under testing/synctest use [InMemory], [Server.RoundTripper] and [WithIntegrationTransport] with [Transport], and make the
// server inside the bubble: no socket then keeps the virtual clock from advancing. Time-outs, rate limits and
// signatures follow that clock.
//
// # Limits
//
// Departments, roles, locations and regions are texts without resources and filters of their own. Files are not stored.
// Conditions on triggers, cursor paging, and what the vendor offers beside integrations are absent. Only the members of
// partner events that an interview integration can use are modeled; CandidateConfig.Extra adds any other.
package teamtailortest
