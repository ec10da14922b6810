// Package sparkhiretest simulates Spark Hire, so that programs which talk to it can be tested and shown without an
// account. It follows net/http/httptest, needs only the standard library, and may be imported by anybody.
//
// The simulator is stateful: what is created can be read, listed, changed and deleted; candidates accept and complete;
// deadlines pass; webhooks go out; e-mails are counted instead of sent. It is strict, so that a wrong request fails
// here first. And it misbehaves on demand.
//
//	sim := sparkhiretest.NewServer()
//	defer sim.Close()
//	ana := sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
//	job := sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse"})
//	// … give sim.V1URL() and ana.Key to the client under test, let it invite for job.ID …
//	sent := sim.InvitationsTo("lena.fox@mail.example")
//
// Version 1.0 of the API is complete: all 44 operations, under [Server.V1URL]. Of version 2.0, the Meet API, there is
// what is known, under [Server.V2URL]: the token, jobs, question sets, inviting, one item, and signed webhooks. Both
// show the same records.
//
// # How sure
//
// Most of the vendor's reference is not public. Each comment that states a fact about the vendor carries a mark:
// documented (read on a page of the vendor or a partner), observed (in public code), transcribed (in a community
// description of the API), modeled (made up there), assumed (nobody says it). docs/vendors/sparkhire.md explains
// each. What is assumed and matters has an option: [WithWords], [WithEnvelope], [WithPutReplaces],
// [WithExpiredUnlisted] and their neighbors. Nothing here is proof of how the vendor behaves.
//
// # Authentication
//
// HTTP Basic with the API key of a [User] as the user name. A user sees the jobs that are shared, which all are until
// [Server.RestrictJob], and what belongs to them; everything else is absent from lists and 404.
//
// In version 2.0 [Server.AddCredentials] makes what the settings page makes, a client id and secret of an account. They
// buy an access token; each call also names its requester, a user's e-mail address, whose permissions count.
//
// # Errors
//
// Refusals have the body {"reason": "…"}, and the reason names the field or the parameter; in version 2.0
// {"message": "…", "errors": {"field": ["…"]}}. Methods of [Server] that
// act on a record return errors that wrap [ErrNotFound] or [ErrState]. Constructors and Add methods panic on mistakes
// of the calling program.
//
// # Rate limits
//
// Each key, and each pair of credentials, has 400 requests a minute; [WithRateLimit] and [WithRateWindow] change that, [Server.RateLimited] counts the
// refusals.
//
// # Webhooks
//
// Version 1.0 subscribes by its API; in version 2.0 a person does, and [Server.AddMeetWebhook] is their page: URL and
// secret, which signs each body. [Server.SetMeetWebhookSecret] and [Server.RemoveMeetWebhook] change it.
//
// Every event becomes one [Delivery] per subscription, sent in order, in the background or, with [WithManualDelivery],
// on [Server.Flush]. [Server.DisturbDeliveries] drops, repeats, delays and holds them; [Server.ReverseDeliveries],
// [Server.ShuffleDeliveries] and [Server.Deliver] change their order.
//
// # Faults
//
// [Server.Inject] strikes chosen requests before or after their effect with an [Action]: another answer, a lost
// connection, a spoiled or endless body, or a wait. [Server.StartOutage] strikes all.
//
// # Time
//
// The server reads the clock of [WithClock] and never waits for it. Under testing/synctest use [NewUnstartedServer] and
// [Server.RoundTripper]; everything then happens in memory and in the bubble's time.
//
// # Concurrency
//
// All methods are safe for concurrent use.
//
// # Limits
//
// Not simulated: operations of version 2.0 that nobody has seen; reminders, archives, the candidate questionnaire, video, plans beyond their two limits. Records and
// logs stay in memory until the server is dropped; [Server.ForgetRequests] empties the largest log.
package sparkhiretest
