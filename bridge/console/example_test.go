package console_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// A person opens a page, signs in with an API token and is where they wanted to be.
func Example() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	server, stop := serve()
	defer stop()
	browser := &http.Client{Jar: jar}
	read := func(resp *http.Response, err error) string {
		if err != nil {
			log.Fatal(err)
		}
		defer resp.Body.Close()
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			log.Fatal(err)
		}
		_, title, _ := strings.Cut(string(page), "<title>")
		title, _, _ = strings.Cut(title, "</title>")
		return fmt.Sprint(resp.StatusCode, " ", title, " at ", resp.Request.URL.RequestURI())
	}

	fmt.Println(read(browser.Get(server + "/console/deliveries")))
	fmt.Println(read(browser.PostForm(server+"/console/login", url.Values{
		"token": {"a-long-random-token"}, "name": {"Ines"}, "return": {"/deliveries"},
	})))
	fmt.Println(read(browser.Get(server + "/console")))

	// Output:
	// 200 Sign in – Sparkbridge at /console/login?return=%2Fdeliveries
	// 200 Deliveries – Sparkbridge at /console/deliveries
	// 200 Overview – Sparkbridge at /console
}

// serve starts an engine in which people sign in with one token.
func serve() (url string, stop func()) {
	dir, err := os.MkdirTemp("", "sparkbridge-example-")
	if err != nil {
		log.Fatal(err)
	}
	ledger, err := sqlite.Open(context.Background(), filepath.Join(dir, "ledger.db"))
	if err != nil {
		log.Fatal(err)
	}
	engine, err := bridge.New(bridge.Config{
		Store: ledger, Keys: keyring.Generate(), Adapters: []ats.Adapter{memory.New(memory.Options{})},
		APITokens: []ats.Secret{"a-long-random-token"},
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
