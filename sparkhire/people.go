package sparkhire

import "log/slog"

// Person is a user or a candidate as other objects refer to one [observed:
// docs/vendors/sparkhire.md]. Everything but Name may be missing.
type Person struct {
	UUID      string `json:"uuid"`
	Name      string `json:"name"` // in full
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Avatar    string `json:"avatar"` // address of a picture; do not keep it
}

// LogValue is the person's uuid, never a name or an address.
func (p Person) LogValue() slog.Value { return logUUID(p.UUID) }

// logUUID is how an object appears in a log, with what else may be seen of it.
func logUUID(uuid string, attrs ...slog.Attr) slog.Value {
	return slog.GroupValue(append([]slog.Attr{slog.String("uuid", uuid)}, attrs...)...)
}
