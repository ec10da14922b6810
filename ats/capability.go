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
	return cs
}
