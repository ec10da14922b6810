package paycor

import (
	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
)

// jobFromAPI keeps of a job what a form and a job link need.
func jobFromAPI(j api.Job) ats.Job {
	job := ats.Job{ID: j.ID, Title: j.Title, Status: j.Status}
	if j.Location != nil {
		job.City, job.Region, job.Country = j.Location.City, j.Location.State, j.Location.Country
	}
	return job
}

// candidateFromAPI keeps of a candidate what an invitation needs. The other address is not
// taken where the first is missing: nobody has said that it may be written to.
func candidateFromAPI(c api.Candidate) ats.Candidate {
	return ats.Candidate{
		ID: c.ID, FirstName: c.FirstName, LastName: c.LastName, Email: c.Email,
		Phone: orDefault(c.MobilePhone, c.AltPhone),
	}
}
