package api

import "github.com/sparkbridge/sparkbridge/internal/httpx"

// PublicVersion is the version of the public API that this package is written for
// [observed: docs/vendors/teamtailor.md].
const PublicVersion = "20240904"

// Public is a client for the public API v1 of one stack, with the API token of one
// company. Nearly everything here needs a token of scope Admin
// [documented: docs/vendors/teamtailor.md].
type Public struct {
	Candidates        *Candidates
	Jobs              *Jobs
	JobApplications   *JobApplications
	Stages            *Stages
	Users             *Users
	CustomFields      *CustomFields
	CustomFieldValues *CustomFieldValues
	Notes             *Notes

	client *client
}

// NewPublic returns a client for the stack at a base URL such as
// https://api.teamtailor.com. It dials nothing. Errors name the argument and never
// hold the token. A token of another stack is answered with 401.
func NewPublic(baseURL, token string, opts ...Option) (*Public, error) {
	o := options{version: PublicVersion}
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, err
		}
	}
	c, err := newClient(baseURL, "/v1/", token, o, httpx.Header("Authorization", "Token token="+token))
	if err != nil {
		return nil, err
	}
	c.pageSize = MaxPageSize
	return &Public{
		Candidates: &Candidates{c}, Jobs: &Jobs{c}, JobApplications: &JobApplications{c}, Stages: &Stages{c}, Users: &Users{c},
		CustomFields: &CustomFields{c}, CustomFieldValues: &CustomFieldValues{c}, Notes: &Notes{c}, client: c,
	}, nil
}

// BaseURL returns the base URL in its canonical form, as in [Bases.URLs].
func (p *Public) BaseURL() string { return p.client.base }
