package ats

// Capability is the name of an optional interface that an adapter implements.
type Capability string

// The capabilities, named for what they do.
const (
	CanReceive        Capability = "receives calls"
	CanListJobs       Capability = "lists jobs"
	CanReadCandidates Capability = "reads candidates"
	CanListCandidates Capability = "lists candidates"
	CanCheckAccess    Capability = "checks access"
	CanResolveActors  Capability = "resolves actors"
	CanCheckRequests  Capability = "checks requests"
	CanReconcile      Capability = "reconciles"
	CanDecodeSettings Capability = "has settings"
	CanTailorPolicy   Capability = "tailors its policy"
	CanKeepGate       Capability = "keeps the gate"
	CanAuthorize      Capability = "is authorized in a browser"
	CanBeTried        Capability = "can be tried"
)

// Capabilities returns what the adapter can do, in a fixed order.
func Capabilities(a Adapter) []Capability {
	var cs []Capability
	add := func(ok bool, c Capability) {
		if ok {
			cs = append(cs, c)
		}
	}
	_, ok := a.(Receiver)
	add(ok, CanReceive)
	_, ok = a.(JobLister)
	add(ok, CanListJobs)
	_, ok = a.(CandidateReader)
	add(ok, CanReadCandidates)
	_, ok = a.(CandidateLister)
	add(ok, CanListCandidates)
	_, ok = a.(AccessChecker)
	add(ok, CanCheckAccess)
	_, ok = a.(ActorResolver)
	add(ok, CanResolveActors)
	_, ok = a.(RequestChecker)
	add(ok, CanCheckRequests)
	_, ok = a.(Reconciler)
	add(ok, CanReconcile)
	_, ok = a.(SettingsDecoder)
	add(ok, CanDecodeSettings)
	_, ok = a.(PolicyTailor)
	add(ok, CanTailorPolicy)
	_, ok = a.(Gatekeeper)
	add(ok, CanKeepGate)
	_, ok = a.(Authorizer)
	add(ok, CanAuthorize)
	_, ok = a.(Prober)
	add(ok, CanBeTried)
	return cs
}

// PolicyFor returns the adapter's rules as the connection's settings have them.
func PolicyFor(a Adapter, c Connection) Policy {
	if t, ok := a.(PolicyTailor); ok {
		return t.PolicyFor(c)
	}
	return a.Policy()
}

// Gate returns nil when the product offers the integration to the connection, and
// a [*Refusal] with the product's code otherwise.
func Gate(a Adapter, c Connection) error {
	if g, ok := a.(Gatekeeper); ok {
		return g.Gate(c)
	}
	return nil
}
