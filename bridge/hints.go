package bridge

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// secretHook is the name of the secret in the URLs that Spark Hire calls: v1.0
// signs nothing, so the URL itself must not be guessable.
const secretHook = "spark_hire_webhook" //nolint:gosec // the name of a secret, not one

// eventCreated tells nothing that the ledger lacks: what we created we know, and
// reading each invitation once more would cost half the budget of an import.
const eventCreated = "InterviewCreated"

// maxHint bounds the body of a webhook.
const maxHint = 1 << 20

// bounded refuses what says that it is larger before anything is looked up.
func bounded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > maxHint {
			refuseLarge(w)
			return
		}
		next(w, r)
	}
}

func refuseLarge(w http.ResponseWriter) {
	http.Error(w, "the body is larger than 1 MiB", http.StatusRequestEntityTooLarge)
}

func (b *Bridge) wantsWebhooks() bool {
	return b.config.PublicURL != "" && !b.config.SparkHire.NoWebhooks
}

// register subscribes a connection to Spark Hire's events. It looks before it
// subscribes, so doing it again changes nothing.
func (b *Bridge) register(ctx context.Context, job store.Job) error {
	conn, err := b.store.GetConnection(ctx, job.ID)
	if errors.Is(err, ats.ErrNotFound) || (err == nil && (!conn.Connected || conn.APIVersion == apiV2)) || !b.wantsWebhooks() {
		return b.finish(ctx, job) // on v2 a person registers the webhook: see [Bridge.WebhookURL]
	}
	if err != nil {
		return fmt.Errorf("register webhooks: %w", err)
	}
	secret, err := b.hookSecret(ctx, conn.ID)
	if err != nil {
		return fmt.Errorf("register webhooks: %w", err)
	}
	address := func(event string) string {
		return b.config.PublicURL + "/sparkhire/v1/" + url.PathEscape(conn.ID) + "/" + url.PathEscape(event) + "/" + secret.Reveal()
	}
	credentials := credentialsOf(conn)
	if conn.OrganizationCredential != "" {
		// The organization's key sees the whole account [assumed]; what it
		// does not, the sweep finds.
		credentials = credentials[:1]
	}
	for _, credential := range credentials {
		s, err := b.sparkFor(ctx, conn.ID, credential)
		if err != nil {
			return fmt.Errorf("register webhooks: %w", err)
		}
		err = s.EnsureWebhooks(ctx, address)
		if at, later := retryLater(err); later {
			return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindRegister, ID: conn.ID, At: at})
		}
		if isVendorError(err) {
			// Without webhooks the sweep still finds every change, only later.
			b.log.WarnContext(ctx, "Spark Hire did not accept webhooks", "connection", conn.ID, "credential", credential, "error", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("register webhooks of %s: %w", conn.ID, err)
		}
	}
	// What happened before the subscription was there is found by a sweep.
	return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindSweep, ID: conn.ID})
}

// hookSecret returns the connection's URL secret, made on first use.
func (b *Bridge) hookSecret(ctx context.Context, connectionID string) (ats.Secret, error) {
	secrets := secretStore{b, connectionID}
	secret, err := secrets.Get(ctx, secretHook)
	if !errors.Is(err, ats.ErrNotFound) {
		return secret, err
	}
	random := make([]byte, 24)
	_, _ = rand.Read(random) // never fails
	secret = ats.Secret(base64.RawURLEncoding.EncodeToString(random))
	err = secrets.CompareAndSwap(ctx, secretHook, "", secret)
	if errors.Is(err, ats.ErrConflict) { // another process was faster
		return secrets.Get(ctx, secretHook)
	}
	return secret, err
}

// hint serves POST /sparkhire/v1/{connection}/{event}/{secret}. What it brings is
// a hint: it says which interview to look at and is believed in nothing else.
func (b *Bridge) hint(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	connectionID := r.PathValue("connection")
	secret, err := secretStore{b, connectionID}.Get(ctx, secretHook)
	switch {
	case errors.Is(err, ats.ErrNotFound):
		http.Error(w, "unknown address", http.StatusNotFound)
		return
	case err != nil:
		b.unavailable(w, r, "read webhook secret", err)
		return
	}
	if subtle.ConstantTimeCompare([]byte(secret.Reveal()), []byte(r.PathValue("secret"))) != 1 {
		http.Error(w, "unknown address", http.StatusNotFound)
		return
	}
	id, err := hintedID(w, r)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			refuseLarge(w)
			return
		}
		http.Error(w, "the body must be a JSON object with a uuid", http.StatusBadRequest)
		return
	}
	if event := r.PathValue("event"); strings.HasPrefix(event, "Interview") && event != eventCreated {
		if err := b.hinted(ctx, connectionID, id); err != nil {
			b.unavailable(w, r, "store hint", err)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}\n")
}

func hintedID(w http.ResponseWriter, r *http.Request) (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHint))
	if err != nil {
		return "", err
	}
	var v struct {
		UUID string `json:"uuid"`
		Data *struct {
			UUID string `json:"uuid"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return "", err
	}
	if v.UUID == "" && v.Data != nil {
		v.UUID = v.Data.UUID
	}
	if v.UUID == "" {
		return "", errors.New("no uuid")
	}
	return v.UUID, nil
}

// hinted asks for a look at the interview, if the ledger knows it.
func (b *Bridge) hinted(ctx context.Context, connectionID, sparkHireID string) error {
	i, err := b.store.InterviewBySparkHireID(ctx, connectionID, sparkHireID)
	if errors.Is(err, ats.ErrNotFound) {
		return nil // an interview of somebody else's, or one whose id is on its way to us
	}
	if err != nil {
		return err
	}
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		return tx.Nudge(ctx, store.Nudge{Kind: kindObserve, ID: i.ID})
	})
}

func (b *Bridge) unavailable(w http.ResponseWriter, r *http.Request, what string, err error) {
	b.log.ErrorContext(r.Context(), "cannot serve now", "doing", what, "error", err)
	w.Header().Set("Retry-After", "5")
	http.Error(w, "the service cannot store anything at the moment", http.StatusServiceUnavailable)
}
