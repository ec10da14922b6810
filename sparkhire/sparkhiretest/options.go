package sparkhiretest

import (
	"net/http"
	"time"
)

// Option changes how a [Server] behaves. Options that settle what the vendor leaves open say what the default
// assumes; with both settings a client can be tested against either truth.
type Option func(*config)

// config is what the options set. Everything the simulator assumes about the vendor and a caller may doubt is here.
type config struct {
	now func() time.Time
	ids *idMaker

	words         Words
	envelope      bool
	refusal       int // status of a request that is understood and refused
	badKey        int // status of an unknown or disabled key
	putReplaces   bool
	strictFields  bool
	noDuplicates  bool
	scheduleFree  bool
	locationFree  bool
	freshLinks    bool
	expiredHidden bool

	limit  int
	per    time.Duration
	window Window

	defaultPage  int
	maxPage      int
	pastEnd      int
	rangeIgnored bool

	client *http.Client
	manual bool

	meet meetConfig // what only version 2.0 has
}

func defaults() config {
	return config{
		now:         time.Now,
		ids:         &idMaker{},
		words:       DefaultWords(),
		refusal:     http.StatusBadRequest,
		badKey:      http.StatusUnauthorized,
		limit:       400,
		per:         time.Minute,
		window:      SlidingWindow,
		defaultPage: 20,
		maxPage:     100,
		pastEnd:     http.StatusOK,
	}
}

// check panics on settings that cannot work: they are mistakes of the program that makes the server.
func (c *config) check() {
	switch {
	case c.now == nil:
		panic("sparkhiretest: WithClock: the clock is nil")
	case c.limit > 0 && c.per <= 0:
		panic("sparkhiretest: WithRateLimit: the window must be longer than zero")
	case c.defaultPage < 1 || c.maxPage < c.defaultPage:
		panic("sparkhiretest: WithPageSize: want 1 <= default <= maximum")
	}
}

// WithClock sets the clock that everything in the server reads: deadlines, rate limits, delayed webhooks, record
// times. The default is time.Now. It must be safe for concurrent use. Nothing in the server waits on it: what is
// due happens when a request arrives or on [Server.Tick].
func WithClock(now func() time.Time) Option {
	return func(c *config) { c.now = now }
}

// WithDeterministicIDs makes UUIDs, API keys and share URLs count up from one instead of being random, so that a
// program that makes the same calls in the same order gets the same values.
func WithDeterministicIDs() Option {
	return func(c *config) { c.ids = &idMaker{counting: true} }
}

// WithWords replaces spellings that no public source settles; empty fields keep their default. See [Words].
func WithWords(w Words) Option {
	return func(c *config) { c.words = w.over(c.words) }
}

// WithEnvelope wraps every successful body as {"data": …}. The default is bare values.
// [documented: the wrapper is in the vendor's illustration; observed: bare values; docs/vendors/sparkhire.md]
func WithEnvelope() Option {
	return func(c *config) { c.envelope = true }
}

// WithRefusalStatus sets the status of requests that are understood and refused, such as a missing field. The
// default is 400; 422 is the other plausible one. [transcribed: 400; assumed: 422; docs/vendors/sparkhire.md]
func WithRefusalStatus(status int) Option {
	return func(c *config) { c.refusal = status }
}

// WithBadKeyStatus sets the status of requests with a missing, unknown or disabled key. The default is 401; a public
// client also treats 400 as one. [transcribed: 401; observed: 400; docs/vendors/sparkhire.md]
func WithBadKeyStatus(status int) Option {
	return func(c *config) { c.badKey = status }
}

// WithPutReplaces makes PUT replace jobs, users, question sets and questions: writable fields that the body leaves
// out are emptied, or refused when they are required. The default merges. [assumed: docs/vendors/sparkhire.md]
func WithPutReplaces() Option {
	return func(c *config) { c.putReplaces = true }
}

// WithUnknownFieldsRefused refuses bodies with fields the simulator does not know, except those of webhook
// subscriptions, which are known to be tolerated. The default keeps them in the record and otherwise ignores them,
// since the bodies are not public. [assumed: docs/vendors/sparkhire.md]
func WithUnknownFieldsRefused() Option {
	return func(c *config) { c.strictFields = true }
}

// WithDuplicatesRefused refuses to create an interview while one of the same type is open for the same job and
// e-mail address. The default creates it and sends a second e-mail. [assumed: docs/vendors/sparkhire.md]
func WithDuplicatesRefused() Option {
	return func(c *config) { c.noDuplicates = true }
}

// WithScheduleOptional accepts one-way interviews without scheduled_at, which then never expire by the clock. The
// default requires it. [assumed: docs/vendors/sparkhire.md]
func WithScheduleOptional() Option {
	return func(c *config) { c.scheduleFree = true }
}

// WithJobLocationOptional accepts jobs without a location. The default requires one on creation.
// [documented by a partner; assumed for the API: docs/vendors/sparkhire.md]
func WithJobLocationOptional() Option {
	return func(c *config) { c.locationFree = true }
}

// WithFreshShareLinks makes a second POST for a basic share link replace the first link by a new one. The default
// returns the link that exists. [assumed: docs/vendors/sparkhire.md]
func WithFreshShareLinks() Option {
	return func(c *config) { c.freshLinks = true }
}

// WithExpiredUnlisted leaves expired interviews out of lists. The default lists them with their status.
// [assumed: docs/vendors/sparkhire.md]
func WithExpiredUnlisted() Option {
	return func(c *config) { c.expiredHidden = true }
}

// WithRateLimit allows n requests per key in each window of the given length. The default is 400 in a minute; zero
// or less switches the limit off. [documented: the figure; assumed: per key; docs/vendors/sparkhire.md]
func WithRateLimit(n int, per time.Duration) Option {
	return func(c *config) { c.limit, c.per = n, per }
}

// WithRateWindow chooses how the limit is counted. The default is [SlidingWindow], the stricter one.
// [assumed: docs/vendors/sparkhire.md]
func WithRateWindow(w Window) Option {
	return func(c *config) { c.window = w }
}

// WithPageSize sets how many records a list holds when the request names no range, and the most it ever holds. A
// longer range is cut without notice. The defaults are 20 and 100. [assumed: docs/vendors/sparkhire.md]
func WithPageSize(usual, most int) Option {
	return func(c *config) { c.defaultPage, c.maxPage = usual, most }
}

// WithPastEndStatus sets the answer to a range that begins past the last record: 200 with an empty list (the
// default), 404 or 416. [assumed: docs/vendors/sparkhire.md]
func WithPastEndStatus(status int) Option {
	return func(c *config) { c.pastEnd = status }
}

// WithRangeIgnored makes lists ignore the range and always answer their first page, to test that a client stops.
// [assumed: docs/vendors/sparkhire.md]
func WithRangeIgnored() Option {
	return func(c *config) { c.rangeIgnored = true }
}

// WithWebhookClient sets the HTTP client that delivers webhooks. The struct is copied; unless it says otherwise the
// copy does not follow redirects. The default uses sockets and gives up after ten seconds. For receivers in the same
// process give a client whose Transport is [HandlerTransport] of the receiver.
func WithWebhookClient(client *http.Client) Option {
	return func(c *config) { c.client = client }
}

// WithManualDelivery sends webhooks only on [Server.Flush] and [Server.Deliver]. The default sends them at once, in
// the background and in order.
func WithManualDelivery() Option {
	return func(c *config) { c.manual = true }
}
