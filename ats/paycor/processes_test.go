package paycor_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// asProcess is the argument that makes the test program one of the processes of
// [TestTwoProcessesShareARefreshTokenForOneUse], see [runProcess].
const asProcess = "process-of-the-test"

// processSetup is what a process is told on its standard input before it begins.
type processSetup struct {
	APIURL, SubscriptionKey, ClientID, ClientSecret, Scope string
	Tokens                                                 string // the file that both processes keep them in
	Callers                                                int
}

// connection returns the connection, whose secrets are in the file.
func (s processSetup) connection() ats.Connection {
	return ats.Connection{
		ID: "conn-1", Tenant: ats.TenantRef{Adapter: paycor.Name, Tenant: tenantText}, TimeZone: "America/Chicago",
		Enabled: true, Connected: true, Secrets: secretFile(s.Tokens),
	}
}

func (s processSetup) adapter() (*paycor.Adapter, error) {
	return paycor.New(paycor.Config{
		APIURL: s.APIURL, AuthorizeURL: s.APIURL + "/AppActivation/Authorize", RequestsPerMinute: 1000, MaxWait: -1,
		SubscriptionKey: ats.Secret(s.SubscriptionKey), ClientID: s.ClientID, ClientSecret: ats.Secret(s.ClientSecret), Scope: s.Scope,
	})
}

// TestTwoProcessesShareARefreshTokenForOneUse runs 50 goroutines in two processes against one
// rotating refresh token. The processes share a file and nothing else. Each time that all the
// access tokens have ended, one process renews, once, and everybody's calls succeed.
func TestTwoProcessesShareARefreshTokenForOneUse(t *testing.T) {
	t.Parallel()
	const callers, rounds = 25, 8
	vendor := paycortest.NewServer(paycortest.WithRateLimit(100_000, time.Minute))
	defer vendor.Close()
	app := vendor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
	vendor.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200}).AddAccount(paycortest.AccountConfig{ID: "ff80818190aa10010190aa1001000001"})
	s := processSetup{
		APIURL: vendor.URL, SubscriptionKey: app.SubscriptionKey(), ClientID: app.ClientID(), ClientSecret: app.ClientSecret(), Scope: app.Scope(),
		Tokens: filepath.Join(t.TempDir(), "secrets.json"), Callers: callers,
	}
	own, err := s.adapter()
	require.NoError(t, err)
	activate(t, own, vendor, s.connection())

	processes := []*process{startProcess(t, s), startProcess(t, s)}
	for round := range rounds {
		app.ExpireAccess()
		for _, p := range processes {
			p.begin(t)
		}
		for _, p := range processes {
			require.Equal(t, "ok", p.answer(t), "round %d", round+1)
		}
		require.Len(t, app.Refreshes(), round+1, "one of the two processes renews, once")
	}
	for _, p := range processes {
		p.end(t)
	}
	require.Zero(t, app.ReusedTokens(), "a refresh token is good for one use")
	for _, r := range app.Refreshes() {
		require.False(t, r.Refused)
	}
	for range 2 {
		require.NoError(t, own.Probe(t.Context(), s.connection()), "the connection is alive")
		app.ExpireAccess()
	}
}

// process is another process that calls Paycor.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startProcess(t *testing.T, s processSetup) *process {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, asProcess)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, json.NewEncoder(in).Encode(s))
	return &process{cmd, in, bufio.NewScanner(out)}
}

// begin lets the callers of the process call, all at once.
func (p *process) begin(t *testing.T) {
	t.Helper()
	_, err := io.WriteString(p.in, "go\n")
	require.NoError(t, err)
}

// answer returns what became of the calls.
func (p *process) answer(t *testing.T) string {
	t.Helper()
	require.True(t, p.out.Scan(), "the process has ended: %v", p.out.Err())
	return p.out.Text()
}

func (p *process) end(t *testing.T) {
	t.Helper()
	require.NoError(t, p.in.Close())
	require.NoError(t, p.cmd.Wait())
}

// runProcess is what such a process does: a line of settings, then one round of calls for each
// line, and a line that says how it went.
func runProcess(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		return errors.New("no settings")
	}
	var s processSetup
	if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
		return err
	}
	adapter, err := s.adapter()
	if err != nil {
		return err
	}
	for lines.Scan() {
		errs := make([]error, s.Callers)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
				defer cancel()
				errs[i] = adapter.Probe(ctx, s.connection())
			})
		}
		group.Wait()
		answer := "ok"
		if err := errors.Join(errs...); err != nil {
			answer = strings.ReplaceAll(err.Error(), "\n", "; ")
		}
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

// secretFile keeps secrets in a file that several processes use. It is [ats.SecretStore] at its
// smallest: a lock beside the file, and a rename.
type secretFile string

var _ ats.SecretStore = secretFile("")

// Get implements [ats.SecretStore].
func (f secretFile) Get(_ context.Context, name string) (secret ats.Secret, err error) {
	err = f.locked(func(all map[string]string) (bool, error) {
		if all[name] == "" {
			return false, ats.ErrNotFound
		}
		secret = ats.Secret(all[name])
		return false, nil
	})
	return secret, err
}

// CompareAndSwap implements [ats.SecretStore].
func (f secretFile) CompareAndSwap(_ context.Context, name string, old, replacement ats.Secret) error {
	return f.locked(func(all map[string]string) (bool, error) {
		if all[name] != old.Reveal() {
			return false, ats.ErrConflict
		}
		all[name] = replacement.Reveal()
		return true, nil
	})
}

// locked shows the secrets to use, and keeps them when it has changed them.
func (f secretFile) locked(use func(all map[string]string) (changed bool, err error)) (err error) {
	lock := flock.New(string(f) + ".lock")
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	all := map[string]string{}
	text, err := os.ReadFile(string(f))
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	changed, err := use(all)
	if err != nil || !changed {
		return err
	}
	if text, err = json.Marshal(all); err != nil {
		return err
	}
	if err := os.WriteFile(string(f)+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(string(f)+".new", string(f))
}
