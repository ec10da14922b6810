package memory

// fault is what goes wrong on demand.
type fault struct {
	err error
	// late is set when the effect happens and only the answer is lost.
	late bool
}

// faults counts down the calls that go wrong.
type faults struct {
	left  int // negative: all
	fault fault
}

func (f *faults) set(n int, what fault) { f.left, f.fault = n, what }

// take returns the fault that is due for this call.
func (f *faults) take() (fault, bool) {
	if f.left == 0 {
		return fault{}, false
	}
	if f.left > 0 {
		f.left--
	}
	return f.fault, true
}
