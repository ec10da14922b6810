package pgtest

import "syscall"

// dyingWithUs makes the system stop the server when the test binary ends, even if
// that is killed.
func dyingWithUs(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGQUIT}
}
