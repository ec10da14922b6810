package queue

import (
	"context"
	"sync"
)

// runs keeps equal nudges from running at the same time in this process. River
// keeps equal jobs apart, but may run one again that it believes dead.
type runs struct {
	mu      sync.Mutex
	running map[nudge]chan struct{} // closed when the run ends
}

func (r *runs) init() { r.running = make(map[nudge]chan struct{}) }

// enter waits until no equal nudge runs. The caller must call release.
func (r *runs) enter(ctx context.Context, n nudge) (release func(), err error) {
	for {
		r.mu.Lock()
		ended, busy := r.running[n]
		if !busy {
			ended = make(chan struct{})
			r.running[n] = ended
			r.mu.Unlock()
			return func() {
				r.mu.Lock()
				defer r.mu.Unlock()
				delete(r.running, n)
				close(ended)
			}, nil
		}
		r.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ended:
		}
	}
}
