package sparkhiretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// DeliveryState says what has become of a delivery.
type DeliveryState int

// The states. Waiting deliveries go out as soon as they are due; held ones wait for [Server.ReleaseDeliveries] or
// [Server.Deliver]; dropped ones go nowhere unless Deliver is called.
const (
	DeliveryWaiting DeliveryState = iota
	DeliveryHeld
	DeliverySending
	DeliveryAnswered // with a status of the 200s
	DeliveryFailed   // with another status, or without an answer
	DeliveryDropped
)

// String returns the state as one lower-case word.
func (s DeliveryState) String() string {
	return [...]string{"waiting", "held", "sending", "answered", "failed", "dropped"}[s]
}

// Delivery is one webhook on its way to one URL: one event, one subscription. It is made in the moment of the event and
// kept for inspection whatever becomes of it. Its times are readings of the server's clock.
type Delivery struct {
	// ID counts deliveries from 1 in the order in which the events occurred.
	ID        int
	WebhookID string
	Event     string
	URL       string
	// ObjectID is the UUID of the interview or job in the body.
	ObjectID string
	// Header goes out beside Content-Type; nil in version 1.0, which has none. Do not change it.
	Header http.Header
	// Body is the bare object, as it was when the event occurred. Do not change it.
	Body     []byte
	QueuedAt time.Time
	// DueAt is when it goes out, unless it is held or dropped.
	DueAt time.Time
	State DeliveryState
	// Attempts is how often it was sent. A failed delivery is not sent again by itself: whether the vendor
	// retries is not public. [assumed: docs/vendors/sparkhire.md]
	Attempts int
	// Status is the receiver's last answer; 0 when there was none.
	Status int
	// Err says why there was no answer. It does not contain the URL.
	Err error
}

// String leaves URL and body out.
func (d Delivery) String() string {
	return fmt.Sprintf("delivery %d of %s for %s (%s)", d.ID, d.Event, d.ObjectID, d.State)
}

// LogValue implements slog.LogValuer.
func (d Delivery) LogValue() slog.Value { return slog.StringValue(d.String()) }

type delivery struct{ Delivery }

// Deliveries returns all deliveries in the order of their IDs, whatever has become of them. With background delivery,
// call [Server.Flush] first to see the outcome of all that is due.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rendered(s.deliveries, func(d *delivery) Delivery { return d.Delivery })
}

// Flush sends every delivery that is due and returns when all of them, and those that they caused, are answered or
// have failed. Held ones, and those delayed past the clock's now, stay. It returns the context's error when that
// ends first; the delivery then under way counts as failed. Calling it again is safe.
func (s *Server) Flush(ctx context.Context) error {
	s.Tick()
	for {
		select {
		case s.sending <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		d := s.nextDelivery()
		if d == nil {
			<-s.sending
			return nil
		}
		_ = s.attempt(ctx, d) // noted in the delivery
		<-s.sending
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Deliver sends one delivery now, in whatever state it is, and returns when it is answered or has failed: to repeat
// one, to bring back a dropped one, or to choose an order. It returns [ErrNotFound] for an unknown ID, the transport's
// error, or nil when there was an answer of any status.
func (s *Server) Deliver(ctx context.Context, id int) error {
	select {
	case s.sending <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.sending }()
	s.mu.Lock()
	if id < 1 || id > len(s.deliveries) {
		s.mu.Unlock()
		return fmt.Errorf("deliver webhook %d: %w", id, ErrNotFound)
	}
	d := s.deliveries[id-1]
	s.takeOff(d)
	s.mu.Unlock()
	return s.attempt(ctx, d)
}

// ReleaseDeliveries makes all held and delayed deliveries due now, in their present order, and returns how many.
func (s *Server) ReleaseDeliveries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, n := s.tick(), 0
	for _, d := range s.waiting {
		if d.State == DeliveryHeld || d.DueAt.After(now) {
			d.State, d.DueAt = DeliveryWaiting, now
			n++
		}
	}
	s.kick()
	return n
}

// ReverseDeliveries turns the order of the deliveries not yet sent around. It is of use while they are held, delayed or
// manual; IDs stay.
func (s *Server) ReverseDeliveries() {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Reverse(s.waiting)
}

// ShuffleDeliveries puts the deliveries not yet sent in an order that depends on the seed alone.
func (s *Server) ShuffleDeliveries(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a reproducible order, not a secret
	random.Shuffle(len(s.waiting), func(i, j int) { s.waiting[i], s.waiting[j] = s.waiting[j], s.waiting[i] })
}

// nextDelivery takes the first delivery that is due off the queue; nil when there is none.
func (s *Server) nextDelivery() *delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takeDue()
}

func (s *Server) takeDue() *delivery {
	now := s.cfg.now()
	for _, d := range s.waiting {
		if d.State == DeliveryWaiting && !d.DueAt.After(now) {
			s.takeOff(d)
			return d
		}
	}
	return nil
}

func (s *Server) takeOff(d *delivery) {
	d.State = DeliverySending
	s.waiting = slices.DeleteFunc(s.waiting, func(other *delivery) bool { return other == d })
}

// kick starts the background delivery when something is due and nobody is at it. The caller holds the lock.
func (s *Server) kick() {
	if s.cfg.manual || s.dispatching || s.closed || !s.anyDue() {
		return
	}
	s.dispatching = true
	s.work.Add(1)
	go s.dispatch()
}

func (s *Server) anyDue() bool {
	now := s.cfg.now()
	return slices.ContainsFunc(s.waiting, func(d *delivery) bool {
		return d.State == DeliveryWaiting && !d.DueAt.After(now)
	})
}

// dispatch sends what is due, one after another, until there is nothing left or the server is closed. It decides under
// the lock that there is nothing left, so that an event in the same moment starts it anew.
func (s *Server) dispatch() {
	defer s.work.Done()
	for {
		select {
		case s.sending <- struct{}{}:
		case <-s.ctx.Done():
			return
		}
		s.mu.Lock()
		var d *delivery
		if !s.closed {
			d = s.takeDue()
		}
		s.dispatching = d != nil
		s.mu.Unlock()
		if d == nil {
			<-s.sending
			return
		}
		_ = s.attempt(s.ctx, d) // noted in the delivery
		<-s.sending
	}
}

// attempt sends one delivery. The caller holds the sending token, so that the order on the wire is that of the queue.
// [transcribed: POST; observed: the body; assumed: JSON media type, no signature in 1.0; docs/vendors/sparkhire.md]
func (s *Server) attempt(ctx context.Context, d *delivery) error {
	status, err := s.transmit(ctx, d.URL, d.Header, d.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Attempts++
	d.Status, d.Err, d.State = status, err, DeliveryAnswered
	if status < http.StatusOK || status >= http.StatusMultipleChoices {
		d.State = DeliveryFailed
	}
	return err
}

func (s *Server) transmit(ctx context.Context, to string, header http.Header, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("deliver webhook: %w", err)
	}
	maps.Copy(req.Header, header)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.hooked.Do(req)
	if err != nil {
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err // without the URL, whose path may be the receiver's secret
		}
		return 0, fmt.Errorf("deliver webhook: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	return resp.StatusCode, nil
}

// webhookClient copies the caller's client, or makes one, and keeps it from following redirects unless told to.
// [assumed: docs/vendors/sparkhire.md]
func (c *config) webhookClient() *http.Client {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}
	if c.client != nil {
		client = *c.client
	}
	if client.CheckRedirect == nil {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return &client
}
