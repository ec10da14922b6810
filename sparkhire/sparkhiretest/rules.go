package sparkhiretest

import "time"

// Forever is a number of times, in a [Fault] or [DeliveryRule], that means until it is removed.
const Forever = -1

// DeliveryRule says what goes wrong with the webhooks that match it. The first matching rule decides.
type DeliveryRule struct {
	// Event and ObjectID choose the deliveries; empty is any.
	Event    string
	ObjectID string
	// Times is how many deliveries the rule applies to: 0 is once, [Forever] all.
	Times int
	// Drop never sends them.
	Drop bool
	// Copies sends each so many times more, right after itself.
	Copies int
	// Delay lets them go out only when the server's clock is so much later. The server looks at its clock on every
	// request, on [Server.Tick] and on [Server.Flush]; ReleaseDeliveries cuts the delay short.
	Delay time.Duration
	// Hold keeps them until [Server.ReleaseDeliveries], which is when their order can be changed.
	Hold bool
}

type activeRule struct {
	DeliveryRule

	left int
}

// DisturbDeliveries applies a rule to the events from now on. The returned function ends it; calling it twice is
// harmless. Deliveries that are queued already keep what was decided for them.
func (s *Server) DisturbDeliveries(r DeliveryRule) (remove func()) {
	rule := &activeRule{DeliveryRule: r, left: timesOf(r.Times)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, rule)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		rule.left = 0
	}
}

// timesOf reads a count in which zero is once.
func timesOf(n int) int {
	if n == 0 {
		return 1
	}
	return n
}

// spend uses up one of the times that are left; Forever never ends.
func spend(left *int) {
	if *left > 0 {
		*left--
	}
}

// queue makes the deliveries of one event for one subscription, as the first matching rule wants them.
func (s *Server) queue(hook *subscription, object string, body []byte) {
	var rule DeliveryRule
	for _, r := range s.rules {
		if r.left != 0 && (r.Event == "" || r.Event == hook.Event) && (r.ObjectID == "" || r.ObjectID == object) {
			spend(&r.left)
			rule = r.DeliveryRule
			break
		}
	}
	now := s.cfg.now()
	for range 1 + rule.Copies {
		d := &delivery{Delivery{
			ID: len(s.deliveries) + 1, WebhookID: hook.ID, Event: hook.Event, URL: hook.URL, ObjectID: object,
			Body: body, QueuedAt: now, DueAt: now.Add(rule.Delay),
		}}
		s.deliveries = append(s.deliveries, d)
		switch {
		case rule.Drop:
			d.State = DeliveryDropped
			continue
		case rule.Hold:
			d.State = DeliveryHeld
		}
		s.waiting = append(s.waiting, d)
	}
}
