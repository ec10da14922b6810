package httpapi

import (
	_ "embed"
	"net/http"
)

// document is the OpenAPI 3.1 document of the API.
//
//go:embed openapi.yaml
var document []byte

func (a *api) openAPI(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	if r.Method != http.MethodHead {
		_, _ = w.Write(document)
	}
	return nil
}
