// Package client calls the REST API of a running Sparkbridge. The command line
// is made of it. It hands answers on as the service wrote them, so that a newer
// service's fields are not lost on the way; [Interview] and its neighbors name
// the fields that people are shown.
//
// # Errors
//
// A refusal is a [*Problem]. Everything else is a failure to reach the service.
//
// # Repeating
//
// [Client.Call] sends once. [Client.Import] repeats what was not answered,
// which is safe because every line has a key.
package client
