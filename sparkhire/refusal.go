package sparkhire

import (
	"encoding/json"
	"net/http"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// refusal is what an error body says, each word bounded.
type refusal struct {
	reason, message, code string
}

// explain reads an error body. One program reads "reason", the community's description has "error"
// and "message"; the real shape is not public, so all are read, in any type, and nothing is required
// [observed, modelled: docs/vendors/sparkhire.md].
func explain(_ int, _ http.Header, body []byte) httpx.Facts {
	var w struct {
		Reason  json.RawMessage `json:"reason"`
		Message json.RawMessage `json:"message"`
		Error   json.RawMessage `json:"error"`
		Errors  json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(wire.Unwrap(body), &w) != nil {
		return httpx.Facts{}
	}
	r := &refusal{reason: wire.Words(w.Reason), message: wire.Words(w.Message), code: wire.Words(w.Error)}
	if r.code == "" {
		var nested struct {
			Code    json.RawMessage `json:"code"`
			Message json.RawMessage `json:"message"`
		}
		if json.Unmarshal(w.Error, &nested) == nil {
			r.code = wire.Words(nested.Code)
			if r.message == "" {
				r.message = wire.Words(nested.Message)
			}
		}
	}
	f := httpx.Facts{Code: r.code, Message: r.reason, Detail: r}
	if f.Message == "" {
		f.Message = r.message
	} else if r.message != "" && r.message != r.reason {
		f.Message += " (" + r.message + ")"
	}
	f.Fields = wire.FieldErrors(w.Errors)
	return f
}
