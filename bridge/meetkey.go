package bridge

import (
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// The APIs of Spark Hire's, as connections name them.
const (
	apiV1 = "v1"
	apiV2 = "v2"
)

// MeetKey returns what stands for a user's key in Spark Hire's API v2.0, which has
// none: the account's client with the e-mail address on whose behalf it acts. It can
// be given wherever this package takes a Spark Hire key, in an activation form of an
// ATS too, as "v2/<client id>/<client secret>/<e-mail>". It is as secret as the
// client secret.
func MeetKey(clientID string, clientSecret ats.Secret, requester string) ats.Secret {
	return ats.Secret(store.V2 + clientID + "/" + clientSecret.Reveal() + "/" + requester)
}

// meetKey is a key of API v2.0, taken apart.
type meetKey struct {
	clientID     string
	clientSecret ats.Secret
	requester    string
}

// parseMeetKey reads what [MeetKey] writes: an id has no slash and an address none
// that is worth supporting, so a secret may have some.
func parseMeetKey(key ats.Secret) (meetKey, bool) {
	rest, ok := strings.CutPrefix(key.Reveal(), store.V2)
	id, rest, ok2 := strings.Cut(rest, "/")
	at := strings.LastIndexByte(rest, '/')
	if !ok || !ok2 || at < 1 || id == "" || !strings.Contains(rest[at:], "@") {
		return meetKey{}, false
	}
	return meetKey{clientID: id, clientSecret: ats.Secret(rest[:at]), requester: rest[at+1:]}, true
}

// onV2 reports whether a credential is for API v2.0.
func onV2(credential string) bool { return strings.HasPrefix(credential, store.V2) }

// budgetOf names the budget that a credential draws on: its own, or its client's.
func budgetOf(credential string) string {
	if !onV2(credential) {
		return credential
	}
	return credential[:strings.LastIndexByte(credential, '/')]
}

// generalCredential names the credential that reads for the whole account: the
// organization's, else on API v2.0, where one client acts for everybody, the
// primary or the first user's. Without one it is empty.
func generalCredential(c store.Connection) string {
	if c.OrganizationCredential != "" || c.APIVersion != apiV2 {
		return c.OrganizationCredential
	}
	first := ""
	for _, u := range c.Users {
		if u.ID == c.PrimaryUser && u.Credential != "" {
			return u.Credential
		}
		if first == "" {
			first = u.Credential
		}
	}
	return first
}
