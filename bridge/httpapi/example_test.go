package httpapi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// A backend connects an account, links a recruiter and asks for an interview; asking
// again under the same key changes nothing.
func Example() {
	sparkHire := sparkhiretest.NewServer() // Spark Hire itself, in production
	defer sparkHire.Close()
	asha := sparkHire.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	nurse := sparkHire.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund"})
	server, stop := serve(sparkHire)
	defer stop()

	call := func(method, path, key, body string) (status int, answer string) {
		req, err := http.NewRequestWithContext(context.Background(), method, server+"/api/v1"+path, bytes.NewBufferString(body))
		if err != nil {
			log.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer a-long-random-token")
		req.Header.Set("Sparkbridge-Actor-Id", "asha")
		if key != "" {
			req.Header.Set("Idempotency-Key", key)
		}
		resp, err := (&http.Client{}).Do(req)
		if err != nil {
			log.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			log.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}

	status, answer := call("POST", "/connections", "", `{"adapter": "memory", "tenant": "care", "time_zone": "Europe/Stockholm"}`)
	connection := "/connections/" + strings.Split(answer, `"`)[3]
	fmt.Println("connect:", status)

	status, _ = call("PUT", connection+"/users/asha", "", `{"name": "Asha Lind", "api_key": "`+asha.Key+`"}`)
	fmt.Println("link a recruiter:", status)

	body := `{"candidate": {"id": "c1", "first_name": "Mira", "last_name": "Falk", "email": "mira@mail.example"},
	          "type": "live", "due": {"date": "2099-03-17", "time": "14:30"}, "spark_hire_job_id": "` + nurse.ID + `"}`
	status, first := call("POST", connection+"/interviews", "application-17", body)
	fmt.Println("ask for an interview:", status)
	status, second := call("POST", connection+"/interviews", "application-17", body)
	fmt.Println("ask again:", status, first == second)
	status, answer = call("POST", connection+"/interviews", "application-17", strings.Replace(body, "14:30", "15:30", 1))
	fmt.Println("ask for something else:", status, strings.Contains(answer, `"code":"idempotency_mismatch"`))

	// Output:
	// connect: 201
	// link a recruiter: 200
	// ask for an interview: 202
	// ask again: 202 true
	// ask for something else: 409 true
}

// serve starts an engine whose API accepts one token.
func serve(sparkHire *sparkhiretest.Server) (url string, stop func()) {
	dir, err := os.MkdirTemp("", "sparkbridge-example-")
	if err != nil {
		log.Fatal(err)
	}
	ledger, err := sqlite.Open(context.Background(), filepath.Join(dir, "ledger.db"))
	if err != nil {
		log.Fatal(err)
	}
	host := memory.New(memory.Options{})
	account := host.Account("care")
	account.AddUser(ats.User{ID: "asha"})
	account.AddCandidate("", ats.Candidate{ID: "c1"})
	engine, err := bridge.New(bridge.Config{
		Store: ledger, Keys: keyring.Generate(), Adapters: []ats.Adapter{host},
		APITokens: []ats.Secret{"a-long-random-token"},
		SparkHire: bridge.SparkHireConfig{V1URL: sparkHire.V1URL()},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(engine.Handler())
	return server.URL, func() {
		server.Close()
		if err := ledger.Close(); err != nil {
			log.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			log.Fatal(err)
		}
	}
}
