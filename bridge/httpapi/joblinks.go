package httpapi

import (
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
)

// getJobLink answers as if no job were linked, which is so where the requests name
// the Spark Hire job themselves.
func (a *api) getJobLink(_ http.ResponseWriter, r *http.Request) error {
	if err := a.checkJobLink(r); err != nil {
		return err
	}
	return refuse(codeNotFound, "", "This job is not linked.")
}

// changeJobLink refuses to link where jobs are not linked.
func (a *api) changeJobLink(_ http.ResponseWriter, r *http.Request) error {
	if err := a.checkJobLink(r); err != nil {
		return err
	}
	return refuse(ats.CodeJobLinkNotAllowed, "", "Jobs are not linked here: each request names the Spark Hire job.")
}

// checkJobLink refuses adapters whose jobs can be linked: links are kept from the
// version on that has such an adapter.
func (a *api) checkJobLink(r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	adapter, err := a.adapter(c.row.Tenant.Adapter)
	if err != nil {
		return err
	}
	if adapter.Policy().JobLink != ats.Forbidden {
		return refuse(codeNotSupported, "", "This version keeps no links between jobs.")
	}
	return nil
}
