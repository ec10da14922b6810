package oauth

import (
	"encoding/json"
	"errors"
	"time"
)

// record is what the store keeps.
type record struct {
	Access  string    `json:"access,omitempty"`
	Refresh string    `json:"refresh,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	// Renewed is when a refresh gave the access token; zero for one of a sign-in.
	Renewed time.Time `json:"renewed,omitzero"`
	// Lease is held by who is refreshing, until LeaseUntil at the latest.
	Lease      string    `json:"lease,omitempty"`
	LeaseUntil time.Time `json:"lease_until,omitzero"`
	// Disconnected is set when the vendor refused the refresh token.
	Disconnected bool `json:"disconnected,omitempty"`
}

// encode returns the record as text. Its members cannot fail to encode.
func (r record) encode() string {
	r.Expires, r.Renewed, r.LeaseUntil = r.Expires.UTC(), r.Renewed.UTC(), r.LeaseUntil.UTC()
	text, err := json.Marshal(r)
	if err != nil {
		panic("oauth: encode record: " + err.Error()) // a year beyond 9999
	}
	return string(text)
}

func decode(text string) (record, error) {
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return record{}, errors.New("the stored tokens are damaged: sign in again")
	}
	return r, nil
}
