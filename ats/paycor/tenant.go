package paycor

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// CodeInvalidTenant is this adapter's own refusal: the tenant is not of the form
// <legalEntityId>/<atsAccountId>.
const CodeInvalidTenant ats.Code = "invalid_tenant"

// ParseTenant reads a tenant, "<legalEntityId>/<atsAccountId>", such as
// "501200/ff80818190aa10010190aa1001000001". The first is Paycor's "Client ID", a
// positive 32-bit number [documented: docs/vendors/paycor.md]; the second is opaque.
// Anything else is a [*ats.Refusal] with code [CodeInvalidTenant].
func ParseTenant(tenant string) (AccountRef, error) {
	entity, account, ok := strings.Cut(tenant, "/")
	if !ok {
		return AccountRef{}, refuseTenant("It has no slash.")
	}
	id, err := strconv.ParseInt(entity, 10, 32)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != entity {
		return AccountRef{}, refuseTenant("The part before the slash is not a Paycor client id, a number up to 2147483647.")
	}
	switch {
	case account == "":
		return AccountRef{}, refuseTenant("The part after the slash, the id of the recruiting account, is empty.")
	case account == "." || account == ".." || strings.Contains(account, "/") || strings.ContainsFunc(account, isInvisible):
		return AccountRef{}, refuseTenant("The part after the slash is not the id of a recruiting account.")
	}
	return AccountRef{LegalEntityID: int32(id), ATSAccountID: account}, nil
}

func refuseTenant(why string) *ats.Refusal {
	return ats.Refuse(CodeInvalidTenant, "tenant", why+" Write <legalEntityId>/<atsAccountId>, such as 501200/ff80818190aa10010190aa1001000001.")
}

// accountOf returns the account of a connection. A tenant that is none matches
// [ats.ErrInvalid].
func accountOf(c ats.Connection) (AccountRef, error) {
	a, err := ParseTenant(c.Tenant.Tenant)
	if err != nil {
		return a, fmt.Errorf("%w: %w", ats.ErrInvalid, err)
	}
	return a, nil
}

// candidateOf returns Paycor's name for a candidate. The job is needed, because a
// candidate record is found below its job only.
func candidateOf(c ats.Connection, candidateID, jobID string) (CandidateRef, error) {
	a, err := accountOf(c)
	if err != nil {
		return CandidateRef{}, err
	}
	if candidateID == "" || jobID == "" {
		return CandidateRef{}, fmt.Errorf("a candidate record needs its id and its job's: %w", ats.ErrInvalid)
	}
	return CandidateRef{JobRef: JobRef{AccountRef: a, JobID: jobID}, CandidateID: candidateID}, nil
}
