package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// The calls, each with the toggle that an administrator switches on for it [documented:
// docs/vendors/paycor.md].
const (
	pathTenants    = "/v1/legalentities/ActivatedLegalEntityTenantList"
	pathAccounts   = "/v1/legalEntities/{legalEntityId}/ats/accounts"
	pathJobs       = "/v1/legalEntities/{legalEntityId}/ats/{atsAccountId}/jobs"
	pathJob        = "/v1/legalEntities/{legalEntityId}/ats/{atsAccountId}/jobs/{atsJobId}"
	pathCandidates = "/v1/legalEntities/{legalEntityId}/ats/{atsAccountId}/jobs/{atsJobId}/candidates"
	pathCandidate  = "/v1/legalEntities/{legalEntityId}/ats/{atsAccountId}/jobs/{atsJobId}/candidates/{atsCandidateId}"
)

var toggles = map[string]string{ //nolint:gochecknoglobals // a constant table
	pathAccounts:   "View ATS Accounts By Legal Entity Id",
	pathJobs:       "View ATS Account jobs by ATS Account ID",
	pathJob:        "View ATS Account Job by ATS Job Id",
	pathCandidates: "View ATS Candidates By Job Id",
	pathCandidate:  "View ATS Candidate by Candidate Id",
}

// Tenant is a company that the signed-in administrator has activated the application for.
type Tenant struct {
	LegalEntityID int32 // Paycor's "Client ID"
	TenantID      int32 // Paycor's "Company ID"
}

// Tenants returns what the connection is good for, nothing as an empty slice. It is the cheapest call
// that needs a working connection and no Data Access toggle, so it also tells whether one works.
func (c *Client) Tenants(ctx context.Context) ([]Tenant, error) {
	answer, err := get[tenantsRecord](ctx, c, pathTenants, nil)
	if err != nil {
		return nil, fmt.Errorf("list activated legal entities: %w", err)
	}
	tenants := make([]Tenant, 0, len(answer.UserLegalEntities))
	for _, e := range answer.UserLegalEntities {
		tenants = append(tenants, Tenant{LegalEntityID: e.LegalEntityID.orZero(), TenantID: e.TenantID.orZero()})
	}
	return tenants, nil
}

type tenantsRecord struct {
	UserLegalEntities []struct {
		LegalEntityID integer `json:"legalEntityId"`
		TenantID      integer `json:"tenantId"`
	} `json:"userLegalEntities"`
}

// identified is always true: an administrator may have activated nothing.
func (tenantsRecord) identified() bool { return true }

// AccountRef names an ATS account.
type AccountRef struct {
	LegalEntityID int32
	AccountID     string
}

func (r AccountRef) String() string { return fmt.Sprintf("%d/%s", r.LegalEntityID, r.AccountID) }

// args are the first two places of a path.
func (r AccountRef) args(op string) ([]string, error) {
	entity, err := legalEntity("GET "+op, r.LegalEntityID)
	if err != nil {
		return nil, err
	}
	return []string{entity, r.AccountID}, nil
}

// Accounts reads ATS accounts.
type Accounts struct{ client *Client }

// Account is an ATS account of a legal entity.
type Account struct {
	ID    string // an opaque text
	Title string
}

// All yields the accounts of a legal entity.
func (s *Accounts) All(ctx context.Context, legalEntityID int32) iter.Seq2[Account, error] {
	fetch := func(ctx context.Context, at cursor) ([]accountRecord, cursor, bool, error) {
		entity, err := legalEntity("GET "+pathAccounts, legalEntityID)
		if err != nil {
			return nil, cursor{}, false, err
		}
		l := listing[accountRecord]{client: s.client, path: pathAccounts, args: []string{entity}, decode: decodeAccounts}
		return l.fetch(ctx, at)
	}
	what := fmt.Sprintf("accounts of legal entity %d", legalEntityID)
	return all(ctx, what, httpx.Fetch[accountRecord, cursor](fetch), func(r *accountRecord) Account {
		return Account{ID: string(r.ID), Title: string(r.Title)}
	})
}

type accountRecord struct {
	ID    text `json:"id"`
	Title text `json:"title"`
}

// decodeAccounts takes the three shapes in which this list has been described: a page, a bare array and
// one bare account [documented, contradictory: docs/vendors/paycor.md].
func decodeAccounts(body []byte) (page[accountRecord], error) {
	var p page[accountRecord]
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '[' {
		err := json.Unmarshal(body, &p.Records)
		return p, err
	}
	p, err := decodePage[accountRecord](body)
	if !errors.Is(err, errNotPage) {
		return p, err
	}
	var bare accountRecord
	if json.Unmarshal(body, &bare) != nil || bare.ID == "" {
		return p, err
	}
	p.Records = []accountRecord{bare}
	return p, nil
}
