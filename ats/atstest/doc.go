// Package atstest proves an adapter against the contract of package ats. An
// adapter's author writes a [Harness], about forty lines that make the adapter,
// a simulated vendor and a connected tenant and a few more per capability, and
// calls [Run] in a test:
//
//	func TestConformance(t *testing.T) {
//		t.Parallel()
//		atstest.Run(t, harness)
//	}
//
// The suite has a part per capability. A part that the adapter does not have is
// left out with a line in the test's log that names it; a part that the adapter
// has but the harness does not serve fails and names the missing function.
//
// What the contract's comments promise about adapters is tested through the
// adapter's own methods and, for [ats.Receiver], over real HTTP. The engine is
// played by [memory.Inbox]. What cannot be seen from outside is left to the
// adapter's own tests: how often its HTTP client repeats a call, when it gives up
// in the middle of one, and the time in an [ats.RetryLaterError].
//
// # Testing
//
// The package imports testing and testify: import it from tests only. Run it
// with the race detector, which is half of its worth.
package atstest
