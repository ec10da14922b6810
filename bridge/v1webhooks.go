package bridge

import (
	"context"
	"errors"

	"github.com/sparkbridge/sparkbridge/sparkhire"
)

func (s v1) EnsureWebhooks(ctx context.Context, address func(event string) string) error {
	have, err := s.hooked(ctx)
	if err != nil {
		return err
	}
	var doubt error
	for _, event := range wantedEvents {
		url := address(string(event))
		if have[url] {
			continue
		}
		_, err := s.client.Webhooks.Create(ctx, &sparkhire.CreateWebhookRequest{URL: url, Event: event})
		switch {
		case errors.Is(err, sparkhire.ErrOutcomeUnknown):
			doubt = s.errorFrom(err) // the list will tell; the others need not wait for it
		case err != nil:
			return s.errorFrom(err)
		}
	}
	if doubt == nil {
		return nil
	}
	if have, err = s.hooked(ctx); err != nil {
		return err
	}
	for _, event := range wantedEvents {
		if !have[address(string(event))] {
			return doubt
		}
	}
	return nil
}

// hooked returns the addresses that are subscribed.
func (s v1) hooked(ctx context.Context) (map[string]bool, error) {
	present, err := s.client.Webhooks.List(ctx)
	if err != nil {
		return nil, s.errorFrom(err)
	}
	have := make(map[string]bool, len(present))
	for _, w := range present {
		have[w.URL] = true
	}
	return have, nil
}
