package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// The disk gets full while recruiters go on: what was answered with success is
// invited once, the rest is refused with 503, the program stays up and goes on when
// there is room again.
func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*world) disk{"a quota that is used up": (*world).startOnQuota}
	if err := canMount(t); err == nil {
		ways["a small disk"] = (*world).startOnSmallDisk
	} else {
		t.Log("only with a quota, because no disk can be made here: ", err)
	}
	for name, start := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusesAndRecovers(t, start)
		})
	}
}

// disk is where the program's database is.
type disk interface {
	// fill leaves no room until room is called.
	fill() (room func())
}

func refusesAndRecovers(t *testing.T, start func(*world) disk) {
	t.Helper()
	const token = "token-of-the-backend"
	w := newWorld(t, setup{
		idle: true, set: []string{"api_tokens=" + token},
		vendor: []teamtailortest.Option{teamtailortest.WithRateLimit(10_000, time.Second)},
	})
	w.private(token)
	disk := start(w)
	w.install()
	w.saveTrigger(w.stage, nil)
	accepted := []*candidate{w.invite("Mirabel")}

	room := disk.fill()
	var refused []*candidate
	for n := 0; len(refused) < 3; n++ {
		require.Less(t, n, 300, "the disk is full")
		c := w.candidate(fmt.Sprintf("Olegario%d", n))
		d := w.trigger(c)
		require.NoError(t, d.Err)
		if d.Status == http.StatusOK {
			accepted = append(accepted, c)
			continue
		}
		require.Equal(t, http.StatusServiceUnavailable, d.Status, d.Text)
		refused = append(refused, c)
	}
	w.unavailableToBackends(token)
	status, _ := w.get("/healthz")
	require.Equal(t, http.StatusOK, status, "it lives")
	room()

	for _, c := range refused { // the recruiter does it again
		_, err := w.tt.MoveCandidate(w.ctx, c.Candidate, w.job.Stage("Inbox"), teamtailortest.By(w.user))
		require.NoError(t, err)
		w.accepted(w.trigger(c))
	}
	for _, c := range append(accepted, refused...) {
		w.awaitCard(c, "sent")
		w.invitedOnce(c)
	}
	w.complete(w.invite("Ottoline"))
	status, body := w.get("/readyz")
	require.Equal(t, http.StatusOK, status, body)
	w.stop()
	w.discreet()
}

// unavailableToBackends requires that an API call that has to store something says
// that it cannot, and when to come back.
func (w *world) unavailableToBackends(token string) {
	w.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.running.url(w.ctx, w.T)+"/api/v1/connections",
		strings.NewReader(`{"adapter":"teamtailor","tenant":"0c9a2f3e-1111-4222-8333-444455556666","name":"Example Care AB","time_zone":"Europe/Stockholm","spark_hire":{"version":"v1"}}`))
	require.NoError(w, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{}).Do(req)
	require.NoError(w, err)
	defer func() { require.NoError(w, resp.Body.Close()) }()
	var problem struct{ Code string }
	require.NoError(w, json.NewDecoder(resp.Body).Decode(&problem))
	require.Equal(w, http.StatusServiceUnavailable, resp.StatusCode)
	require.Equal(w, "unavailable", problem.Code)
	require.NotEmpty(w, resp.Header.Get("Retry-After"))
}

// smallDisk is a file system of its own for the program's database. It lives in a
// namespace of the program, so nothing has to be mounted on this machine and nothing
// is left behind.
type smallDisk struct {
	w   *world
	dir string // as this process sees it
}

// startOnSmallDisk starts the program with its database on a disk of 8 MiB.
func (w *world) startOnSmallDisk() disk {
	w.Helper()
	const size = 8 << 20
	mounted := filepath.Join(w.dir, "disk")
	require.NoError(w, os.Mkdir(mounted, 0o700))
	w.set = append(w.set, "database=sqlite:"+filepath.Join(mounted, "ledger.db"))
	mount := fmt.Sprintf(`mount -t tmpfs -o size=%d,mode=700 tmpfs "$0" || { echo cannot mount; exit 71; }; exec "$@"`, size)
	p := &process{
		cmd:    exec.CommandContext(w.T.Context(), "/bin/sh", append([]string{"-c", mount, mounted, binary}, w.args("serve")...)...),
		exited: make(chan struct{}),
	}
	p.cmd.Env = append([]string{"TZ=Pacific/Kiritimati", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, w.environ...)
	p.cmd.SysProcAttr = ownNamespace()
	noticeSources()
	p.begin(w.T)
	w.running, w.all = p, append(w.all, p)
	to, err := url.Parse(p.url(w.ctx, w.T))
	require.NoError(w, err)
	w.lane.lead(to)
	return smallDisk{w, fmt.Sprintf("/proc/%d/root%s", p.cmd.Process.Pid, mounted)}
}

// ownNamespace lets a process mount what only it sees, also where it is not root.
func ownNamespace() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

// canMount returns why nobody can make a file system here, as on a locked machine.
func canMount(t *testing.T) error {
	t.Helper()
	probe := exec.CommandContext(t.Context(), "/bin/sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt")
	probe.SysProcAttr = ownNamespace()
	out, err := probe.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// fill leaves no room on the disk until room is called.
func (d smallDisk) fill() (room func()) {
	d.w.Helper()
	path := filepath.Join(d.dir, "filler")
	f, err := os.Create(path)
	require.NoError(d.w, err)
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err = f.Write(block); err != nil {
			require.ErrorIs(d.w, err, syscall.ENOSPC)
			block = block[:len(block)/2]
		}
	}
	require.NoError(d.w, f.Close())
	return func() { require.NoError(d.w, os.Remove(path)) }
}

// quota is what the system lets the program's files hold. It needs no rights.
type quota struct {
	w   *world
	pid int
}

// startOnQuota starts the program, which may write as much as it likes at first.
func (w *world) startOnQuota() disk {
	w.Helper()
	w.start()
	return quota{w, w.running.cmd.Process.Pid}
}

// fill lets no file be written until room is called: every write fails as one
// beyond a quota does, and the signal that comes with it is one that Go ignores.
func (q quota) fill() (room func()) {
	q.w.Helper()
	var usual unix.Rlimit
	require.NoError(q.w, unix.Prlimit(q.pid, unix.RLIMIT_FSIZE, nil, &usual))
	require.NoError(q.w, unix.Prlimit(q.pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 0, Max: usual.Max}, nil))
	return func() { require.NoError(q.w, unix.Prlimit(q.pid, unix.RLIMIT_FSIZE, &usual, nil)) }
}
