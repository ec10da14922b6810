package teamtailor

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

var _ ats.Prober = (*Adapter)(nil)

// Probe implements [ats.Prober]: it reads one line of the partner API's list of
// activations at the company's stack and, where the company shares a token, one of
// its jobs. Teamtailor has no call that says no more than "you may".
func (a *Adapter) Probe(ctx context.Context, c ats.Connection) error {
	settings, err := settingsOf(c)
	if err != nil {
		return err
	}
	base, err := a.baseOf(ctx, c, settings)
	if err != nil {
		return err
	}
	for _, s := range a.stacks {
		if s.base != base {
			continue
		}
		for _, err := range s.partner.Activations.All(ctx, &api.PageOptions{Size: 1}) {
			if err != nil {
				return fmt.Errorf("partner API at %s: %w", base, classify(err))
			}
			break
		}
	}
	for _, err := range a.Jobs(ctx, c) {
		if errors.Is(err, ats.ErrUnsupported) {
			return nil // the company shares no token
		}
		if err != nil {
			return fmt.Errorf("company API at %s: %w", base, err)
		}
		break
	}
	return nil
}
