// Package oauth keeps OAuth 2.0 tokens alive whose refresh tokens are good for one
// use only (RFC 6749, 6; rotation as in RFC 9700, 4.14.2). A refresh token that two
// processes use, or whose successor is lost, disconnects a customer until somebody
// signs in again, so a [Source] refreshes under a lease in the store and keeps the
// new tokens durably before anybody uses them.
package oauth
