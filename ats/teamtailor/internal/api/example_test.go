package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

// An update-url is checked, and its result is updated with the client of its stack.
func Example() {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer vendor.Close()

	bases, err := api.NewBases("https://api.teamtailor.com", vendor.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = bases.Result("https://api.teamtailor.com.evil.example/partner/v1/partner-results/0d1f")
	fmt.Println(err)

	ref, err := bases.Result(vendor.URL + "/partner/v1/partner-results/0d1f")
	if err != nil {
		fmt.Println(err)
		return
	}
	partner, err := api.NewPartner(ref.BaseURL(), "partner_api_key_example")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = partner.Results.Update(context.Background(), ref.ID(), api.ResultUpdate{Status: api.StatusSent})
	fmt.Println(err)
	// Output:
	// update-url is not the address of a partner result on a listed host
	// PUT /partner/v1/partner-results/0d1f
	// <nil>
}
