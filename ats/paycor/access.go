package paycor

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// hostOf returns the connection's host: its own, else the deployment's; nil where there
// is none, which is the "beside" mode. A connection's own host gets no token but the
// connection's own: whoever may set its address must not learn the deployment's.
func (a *Adapter) hostOf(ctx context.Context, c ats.Connection) (Host, error) {
	s, err := settingsOf(c)
	if err != nil {
		return nil, err
	}
	token, err := c.Secret(ctx, secretHostToken, s.HostToken)
	if err != nil {
		return nil, err
	}
	switch {
	case s.HostURL != "" && token.IsZero():
		return nil, fmt.Errorf("the setting host_url needs a host_token beside it: %w", &kindError{ats.ErrUnauthorized, ats.Refuse(
			CodeSettingRequired, "settings.host_token", "This connection has a host of its own, which needs a token of its own. Set host_token beside host_url.")})
	case s.HostURL != "":
		if problem := urlProblem(s.HostURL); problem != "" {
			return nil, fmt.Errorf("the setting host_url %s: %w", problem, ats.ErrInvalid)
		}
		return a.newHostClient(s.HostURL, token)
	case a.cfg.Host != nil:
		return a.cfg.Host, nil
	case a.cfg.HostURL != "":
		return a.newHostClient(a.cfg.HostURL, orDefault(token, a.cfg.HostToken))
	}
	return nil, nil
}

// Actor implements [ats.ActorResolver]: the host knows who holds the credential. Without
// a host the error matches [ats.ErrUnsupported].
func (a *Adapter) Actor(ctx context.Context, c ats.Connection, credential string) (ats.User, error) {
	u, err := a.actor(ctx, c, credential)
	if err != nil {
		return ats.User{}, fmt.Errorf("resolve actor: %w", err)
	}
	return u, nil
}

func (a *Adapter) actor(ctx context.Context, c ats.Connection, credential string) (ats.User, error) {
	if err := ctx.Err(); err != nil {
		return ats.User{}, err
	}
	h, err := a.hostOf(ctx, c)
	if err != nil {
		return ats.User{}, err
	}
	if h == nil {
		return ats.User{}, fmt.Errorf("there is no host that could know the credential: set host_url: %w", ats.ErrUnsupported)
	}
	if strings.TrimSpace(credential) == "" {
		return ats.User{}, ErrUnknownActor
	}
	who, err := h.Actor(ctx, credential)
	if err != nil {
		return ats.User{}, err
	}
	return ats.User{ID: strconv.FormatInt(int64(who.UserID), 10), Name: who.Name, Email: who.Email, Admin: who.Administrator}, nil
}

// MayView implements [ats.AccessChecker]. The host decides, administrators included.
// Without a host linked users and administrators may, and nobody else
// [assumed: docs/vendors/paycor.md]. A host cannot be asked without the job, because a
// candidate record belongs to one: the error then matches [ats.ErrUnsupported].
func (a *Adapter) MayView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) (bool, error) {
	may, err := a.mayView(ctx, c, u, ref)
	if err != nil {
		return false, fmt.Errorf("check access to candidate %s: %w", ref.ID, err)
	}
	return may, nil
}

func (a *Adapter) mayView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if u.IsZero() || ref.ID == "" || (ref.Tenant != c.Tenant && ref.Tenant != ats.TenantRef{}) {
		return false, nil
	}
	h, err := a.hostOf(ctx, c)
	if err != nil {
		return false, err
	}
	if h == nil {
		known, ok := c.User(u.ID)
		return u.Admin || ok && known.Linked, nil
	}
	if ref.JobID == "" {
		return false, fmt.Errorf("the host knows candidates by their job: %w", ats.ErrUnsupported)
	}
	account, err := accountOf(c)
	if err != nil {
		return false, err
	}
	id, ok := userID(u.ID)
	if !ok {
		return false, nil // nobody at Paycor has such an id
	}
	may, err := h.MayView(ctx, Actor{UserID: id}, CandidateRef{JobRef: JobRef{AccountRef: account, JobID: ref.JobID}, CandidateID: ref.ID})
	if errors.Is(err, ats.ErrNotFound) {
		return false, nil
	}
	return may && err == nil, err
}

// Check implements [ats.RequestChecker]: where there is a host, the person who asks must
// see the candidate. A refusal has code [ats.CodeNotPermitted].
func (a *Adapter) Check(ctx context.Context, c ats.Connection, r ats.Request) error {
	if err := a.check(ctx, c, r); err != nil {
		return fmt.Errorf("check request %s: %w", r.Key, err)
	}
	return nil
}

func (a *Adapter) check(ctx context.Context, c ats.Connection, r ats.Request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h, err := a.hostOf(ctx, c)
	if err != nil || h == nil {
		return err
	}
	ref := ats.CandidateRef{Tenant: c.Tenant, ID: r.Candidate.ID, JobID: r.Job.ID}
	may, err := a.mayView(ctx, c, r.RequestedBy, ref)
	if err == nil && !may {
		err = ats.Refuse(ats.CodeNotPermitted, "candidate.id", "This person may not see the candidate.")
	}
	return err
}

// userID returns Paycor's number of a recruiting user.
func userID(id string) (int32, bool) {
	n, err := strconv.ParseInt(id, 10, 32)
	return int32(n), err == nil && strconv.FormatInt(n, 10) == id
}
