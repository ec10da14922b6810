// Package sign checks what Teamtailor puts on its calls: signatures of trigger
// and event webhooks, the provider key that identifies a company's activation,
// and the encrypted provider keys of the partner API's activation list.
//
// Everything here is a function of bytes, headers, secrets and a time. Nothing is
// read from the network or the clock, nothing is logged, and comparisons with a
// secret take constant time. Several secrets may be given to each check: one per
// regional stack, and the old one beside the new one while a secret is rotated.
//
// # Order of use
//
// A handler reads the body once, with a limit, checks the provider key with
// [ParseProviderKey] and the signature with [Trigger], [PartnerWebhook] or
// [Company], and only then decodes the body:
//
//	token, ok := sign.BearerToken(req.Header)
//	key, err := sign.ParseProviderKey(token, partnerKeys, now)
//	match, err := sign.Trigger(req.Header, body, webhookSecrets, sign.Window{Now: now})
//
// A trigger's signature covers the event id, not the body. Use the id in
// [Match.ID], never one that another decoder found in the same bytes.
//
// # Errors
//
// Every error matches one of the sentinels of this package. None contains a part
// of a header, a token, a secret or a body.
package sign
