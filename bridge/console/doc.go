// Package console is the web pages over the engine, under /console: for the person
// who runs the integration and for a recruiter's administrator. They show what
// waits, what failed and why, and let people do what only people can do: end a
// doubt, cancel, report again, switch a connection off, sign in at a vendor. The
// engine's Handler serves them; a Go program can do everything without.
//
// The pages are made on the server and work without a script. The one script keeps
// a page fresh for who wants that.
//
// # Authentication
//
// A person signs in with one of the API tokens and says who they are: that name is in
// the timeline and in the audit log, and where it is the id of a linked user, the
// person acts with that user's key. The session is a sealed cookie with an end, and
// ends early when its token is taken out of the configuration. It opens the pages and
// /oauth/{adapter}/start, never the API. Signing out takes the cookie from the
// browser. Posts from pages of other sites are refused.
//
// Whoever has a token sees every interview, as a backend does that names nobody. What
// a person does is held to the rules for persons: see [Engine].
//
// # Errors
//
// What the API answers with a problem is a page with the same status and sentence.
// Of errors inside the service nothing else is told than the id under which the log
// has them.
//
// # Limits
//
// Signing in is not slowed down after wrong tokens: /api can be asked as quickly, and
// tokens are long and random. Numbers of interviews are counted up to a bound and
// shown with a plus beyond it; nothing here reads a whole table.
package console
