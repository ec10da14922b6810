package bridge

import (
	"context"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Handler serves what vendors call: /<adapter>/… for every adapter that
// receives calls, and /sparkhire/v1/… for Spark Hire's webhooks; and /healthz
// and /readyz for whoever runs it. It may be mounted under any path that
// Config.PublicURL ends with.
func (b *Bridge) Handler() http.Handler {
	mux := http.NewServeMux()
	for name, a := range b.adapters {
		if r, ok := a.(ats.Receiver); ok {
			mux.Handle("/"+name+"/", http.StripPrefix("/"+name, r.Handler(b)))
		}
	}
	mux.HandleFunc("POST /sparkhire/v1/{connection}/{event}/{secret}", b.hint)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", b.ready)
	return mux
}

func (b *Bridge) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := b.Ready(ctx); err != nil {
		b.log.ErrorContext(ctx, "not ready", "error", err)
		writeText(w, http.StatusServiceUnavailable, "not ready")
		return
	}
	writeText(w, http.StatusOK, "ready")
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
