package sparkhire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
)

// free is a budget without end.
var free = takeFunc(func(context.Context) error { return nil })

// What somebody would write by hand for the one call.
type (
	plainPerson struct {
		UUID      string `json:"uuid"`
		Name      string `json:"name"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Email     string `json:"email"`
		Avatar    string `json:"avatar"`
	}
	plainJob struct {
		UUID            string     `json:"uuid"`
		Title           string     `json:"title"`
		Status          string     `json:"status"`
		StatusUpdatedAt *time.Time `json:"status_updated_at"`
		Description     string     `json:"description"`
		Location        *struct {
			FormattedAddress string `json:"formatted_address"`
		} `json:"location"`
		CreatedBy *plainPerson `json:"created_by"`
		CreatedAt *time.Time   `json:"created_at"`
		UpdatedAt *time.Time   `json:"updated_at"`
	}
	plainCompany struct {
		UUID      string     `json:"uuid"`
		Name      string     `json:"name"`
		Avatar    string     `json:"avatar"`
		CreatedAt *time.Time `json:"created_at"`
	}
	plainLink struct {
		UUID      string       `json:"uuid"`
		URL       string       `json:"url"`
		Status    any          `json:"status"`
		CreatedAt *time.Time   `json:"created_at"`
		UpdatedAt *time.Time   `json:"updated_at"`
		UpdatedBy *plainPerson `json:"updated_by"`
	}
	plainInterview struct {
		UUID        string          `json:"uuid"`
		Type        string          `json:"type"`
		Status      string          `json:"status"`
		ScheduledAt *time.Time      `json:"scheduled_at"`
		CompletedAt *time.Time      `json:"completed_at"`
		CreatedAt   *time.Time      `json:"created_at"`
		UpdatedAt   *time.Time      `json:"updated_at"`
		JobPost     *plainJob       `json:"job_post"`
		Company     *plainCompany   `json:"company"`
		AssignedTo  *plainPerson    `json:"assigned_to"`
		CreatedBy   *plainPerson    `json:"created_by"`
		ShareLink   *plainLink      `json:"share_link"`
		Questions   json.RawMessage `json:"questions"`
		Rating      json.RawMessage `json:"rating"`
		Rejection   json.RawMessage `json:"rejection"`
	}
)

// BenchmarkGet compares Interviews.Get with net/http and encoding/json doing the same by hand. The
// target is at most 1.15 times the time and 15 more allocations.
func BenchmarkGet(b *testing.B) {
	var v any
	require.NoError(b, json.Unmarshal(fixture(b, "interview.json"), &v))
	v.(map[string]any)["updated_at"] = "2026-03-05T20:11:00+00:00" // the empty time is more than a plain decoder takes
	body, err := json.Marshal(v)
	require.NoError(b, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	b.Cleanup(server.Close)

	b.Run("by-hand", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			if err := getByHand(b.Context(), client, server.URL+"/interviews/0b9c0000-0000-4000-8000-000000000020"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("client", func(b *testing.B) {
		client, err := sparkhire.New(key, sparkhire.WithBaseURL(server.URL), sparkhire.WithLimiter(free))
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.Interviews.Get(b.Context(), "0b9c0000-0000-4000-8000-000000000020"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func getByHand(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(key, "")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "by hand")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var i plainInterview
	return json.Unmarshal(raw, &i)
}
