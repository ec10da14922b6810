package teamtailor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

// eventCall is the body of a company webhook [documented: docs/vendors/teamtailor.md]
// and, as far as known, of a partner webhook setup [assumed].
type eventCall struct {
	Payload struct {
		Name text `json:"event_name"`
		Data struct {
			ID         text     `json:"id"`
			Attributes formData `json:"attributes"` // names in either spelling
		} `json:"data"`
	} `json:"payload"`
}

// The events that mean something here. Others are acknowledged.
const (
	eventCandidateDestroy  = "candidate.destroy"
	eventApplicationUpdate = "job_application.update"
)

// partnerEvents takes the events of a partner webhook setup. What such a call signs
// is not public, so a valid provider key is required as well.
func (h *handler) partnerEvents(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), h.cfg.CallBudget)
	defer cancel()
	err := func() error {
		body, err := readBody(w, req)
		if err != nil {
			return err
		}
		cred, err := h.credentialOf(req.Header)
		if err != nil {
			return &authError{err}
		}
		keys := slices.Concat(h.webhookSecrets, h.partnerKeys)
		match, err := sign.PartnerWebhook(req.Header, body, keys, h.window())
		if err != nil {
			return &authError{err}
		}
		call, err := decodeEvent(body)
		if err != nil {
			return err
		}
		conn, err := h.eventConnection(ctx, cred, call)
		if errors.Is(err, ats.ErrNotFound) && cred.kind == sign.JWT {
			h.log.WarnContext(ctx, "event of a company that is not known by its key", "event", string(call.Payload.Name))
			return nil
		}
		if err != nil {
			return err
		}
		if token := strings.TrimSpace(req.Header.Get(tokenHeader)); conn.Connected {
			h.remember(ctx, conn, secretCompanyToken, token)
		}
		return h.event(ctx, conn, call, match.ID)
	}()
	h.acknowledge(ctx, w, err)
}

// companyEvents takes the events of a company's own webhook, whose key is in the
// connection's settings.
func (h *handler) companyEvents(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), h.cfg.CallBudget)
	defer cancel()
	err := func() error {
		body, err := readBody(w, req)
		if err != nil {
			return err
		}
		conn, err := h.connectionByID(ctx, req.PathValue("connection"))
		if err != nil {
			return err
		}
		settings, err := settingsOf(conn)
		if err != nil {
			return err
		}
		key, err := conn.Secret(ctx, secretWebhookKey, settings.CompanyWebhookKey)
		if err != nil {
			return err
		}
		keys := []sign.Secret{sign.NewSecret("company webhook", key.Reveal())}
		match, err := sign.Company(req.Header, body, keys, h.window())
		old := errors.Is(err, sign.ErrScheme) && settings.CompanyWebhookV1
		if old {
			match, err = sign.CompanyV1(req.Header, body, keys)
		}
		if err != nil {
			return &authError{err}
		}
		call, err := decodeEvent(body)
		if err != nil {
			return err
		}
		if old && call.Payload.Name != eventCandidateDestroy {
			return nil // an old signature covers the id only
		}
		return h.event(ctx, conn, call, match.ID)
	}()
	h.acknowledge(ctx, w, err)
}

// acknowledge answers an event. Nobody reads the text, so it is short.
func (h *handler) acknowledge(ctx context.Context, w http.ResponseWriter, err error) {
	var unknown *unknownConnectionError
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, struct{}{})
	case errors.As(err, &unknown):
		http.Error(w, "There is no such connection.", http.StatusNotFound)
	default:
		h.refuse(ctx, w, err)
	}
}

func decodeEvent(body []byte) (eventCall, error) {
	var call eventCall
	if err := json.Unmarshal(body, &call, decodeOptions()); err != nil || call.Payload.Name == "" {
		return eventCall{}, errBody
	}
	return call, nil
}

// eventConnection finds the company of an event: the one that the attributes name,
// else the one whose last activation had this provider key.
func (h *handler) eventConnection(ctx context.Context, cred credential, call eventCall) (ats.Connection, error) {
	tenant := ats.TenantRef{Adapter: Name, Tenant: call.Payload.Data.Attributes["company-uuid"]}
	switch {
	case cred.kind != sign.JWT:
		return h.opaqueConnection(ctx, h.in, cred.digest, tenant)
	case tenant.Tenant != "":
		return h.in.Connection(ctx, tenant)
	}
	conn, err := h.in.ConnectionByCredential(ctx, Name, cred.digest)
	if errors.Is(err, ats.ErrNotFound) {
		return h.identify(ctx, h.in, cred)
	}
	return conn, err
}

// unknownConnectionError is a path that names no connection.
type unknownConnectionError struct{ id string }

func (e *unknownConnectionError) Error() string {
	return "find connection by id: " + ats.ErrNotFound.Error()
}

// connectionByID finds a connection by its id. Where it was is remembered; whether
// it still is there is asked each time.
func (h *handler) connectionByID(ctx context.Context, id string) (ats.Connection, error) {
	if tenant, ok := h.tenants.get(id); ok {
		conn, err := h.in.Connection(ctx, ats.TenantRef{Adapter: Name, Tenant: tenant})
		if err == nil && conn.ID == id {
			return conn, nil
		}
		if err != nil && !errors.Is(err, ats.ErrNotFound) {
			return ats.Connection{}, err
		}
	}
	all, err := h.in.Connections(ctx, Name)
	if err != nil {
		return ats.Connection{}, err
	}
	for _, conn := range all {
		if conn.ID == id {
			h.tenants.add(id, conn.Tenant.Tenant)
			return conn, nil
		}
	}
	return ats.Connection{}, &unknownConnectionError{id}
}

// event acts on an authentic event. id is what the signature's check has read.
// Repeating an event changes nothing, so copies need no other guard.
func (h *handler) event(ctx context.Context, conn ats.Connection, call eventCall, id string) error {
	switch {
	case id == "":
		return nil
	case call.Payload.Name == eventCandidateDestroy:
		if err := h.in.Erase(ctx, ats.CandidateRef{Tenant: conn.Tenant, ID: id}); err != nil {
			return fmt.Errorf("erase candidate %s: %w", id, err)
		}
		h.log.InfoContext(ctx, "erased candidate", "connection", conn, "candidate", id)
		return nil
	case call.Payload.Name != eventApplicationUpdate || !conn.Connected:
		return nil
	}
	settings, err := settingsOf(conn)
	if err != nil {
		return err
	}
	if rejected := call.Payload.Data.Attributes["rejected-at"]; rejected != "" {
		return h.rejected(ctx, conn, settings, call, id)
	}
	return h.moved(ctx, conn, settings, call, id)
}

// rejected cancels the open interviews of a rejected application, if the settings
// say so. The moment from which the candidate may know is respected
// [documented: docs/vendors/teamtailor.md]: an event before it does nothing, and
// nothing comes back later, because Teamtailor sends no second one.
func (h *handler) rejected(ctx context.Context, conn ats.Connection, s Settings, call eventCall, id string) error {
	if !s.CancelOnRejection {
		return nil
	}
	if from := call.Payload.Data.Attributes["transparent-recruiting-visible-at"]; from != "" && !hasPassed(from, h.now()) {
		h.log.InfoContext(ctx, "rejection is not to be known yet, nothing canceled", "connection", conn, "application", id)
		return nil
	}
	client, err := h.companyAPI(ctx, conn)
	if errors.Is(err, ats.ErrUnsupported) {
		h.log.WarnContext(ctx, "cancel_on_rejection needs the company's API token", "connection", conn)
		return nil
	}
	if err != nil {
		return err
	}
	app, err := applicationNow(ctx, client, id)
	if err != nil {
		return err
	}
	if app == nil || app.Candidate == nil || app.Job == nil || app.RejectedAt.IsZero() {
		return nil
	}
	open, err := h.in.OpenInterviews(ctx, conn.Tenant, ats.CandidateRef{Tenant: conn.Tenant, ID: app.Candidate.ID})
	if err != nil {
		return err
	}
	var errs []error
	for _, iv := range open {
		if iv.Job.ID != app.Job.ID {
			continue
		}
		_, err := h.in.Cancel(ctx, iv.ID, ats.User{})
		refusal, refused := ats.AsRefusal(err)
		switch {
		case refused: // as where Spark Hire's API has no way to cancel; nobody waits for this answer
			h.log.WarnContext(ctx, "the application is rejected, but its interview stays open",
				"connection", conn, "interview", iv.ID, "code", string(refusal.Code), "reason", refusal.Message)
		case err != nil:
			errs = append(errs, fmt.Errorf("cancel interview %s: %w", iv.ID, err))
		}
	}
	return errors.Join(errs...)
}

// applicationNow reads an application, because events may come late and in any order.
// One that is gone is nil.
func applicationNow(ctx context.Context, client *api.Public, id string) (*api.JobApplication, error) {
	app, err := client.JobApplications.Get(ctx, id)
	err = classify(err)
	if errors.Is(err, ats.ErrNotFound) || errors.Is(err, ats.ErrGone) {
		return nil, nil
	}
	return app, err
}

// hasPassed reports whether a moment that the vendor wrote has come; one that cannot be
// read has not.
func hasPassed(moment string, now time.Time) bool {
	for _, layout := range [...]string{time.RFC3339, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, moment); err == nil {
			return !t.After(now)
		}
	}
	return false
}
