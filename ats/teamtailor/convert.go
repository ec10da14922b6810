package teamtailor

import (
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

func candidateFromEvent(c applicant) ats.Candidate {
	return ats.Candidate{
		ID:           string(c.ID),
		FirstName:    strings.TrimSpace(string(c.FirstName)),
		LastName:     strings.TrimSpace(string(c.LastName)),
		Email:        strings.TrimSpace(string(c.Email)),
		CustomFields: c.CustomFields,
	}
}

// minimal keeps of the candidate what an invitation needs, and no more: name,
// address and the two custom fields.
func minimal(c ats.Candidate, s Settings) ats.Candidate {
	m := ats.Candidate{ID: c.ID, FirstName: c.FirstName, LastName: c.LastName, Email: c.Email}
	for _, f := range c.CustomFields {
		if strings.EqualFold(f.APIName, s.DateField) || strings.EqualFold(f.APIName, s.TimeField) {
			m.CustomFields = append(m.CustomFields, f)
		}
	}
	return m
}

func jobFromEvent(j appliedJob) ats.Job {
	return ats.Job{ID: string(j.ID), Title: string(j.Title)}
}

func candidateFromAPI(c api.Candidate) ats.Candidate {
	cand := ats.Candidate{ID: c.ID, FirstName: c.FirstName, LastName: c.LastName, Email: c.Email, Phone: c.Phone}
	for _, v := range c.CustomFields {
		cand.CustomFields = append(cand.CustomFields, customFieldFromAPI(v))
	}
	return cand
}

// customFieldFromAPI keeps the ids of choices: their texts are another resource.
func customFieldFromAPI(v api.CustomFieldValue) ats.CustomField {
	return ats.CustomField{
		APIName: v.Field.APIName,
		Type:    strings.ToLower(strings.TrimPrefix(string(v.Field.Type), "CustomField::")),
		Value:   orDefault(v.Text, strings.Join(v.List, ", ")),
	}
}

func jobFromAPI(j api.Job) ats.Job {
	return ats.Job{ID: j.ID, Title: j.Title, Status: orDefault(j.HumanStatus, j.Status)}
}

// detailsOf are the facts on the card: nothing about the candidate, one level deep.
func detailsOf(iv ats.Interview) map[string]string {
	details := map[string]string{"Interview type": iv.Type.Label()}
	if iv.RequestedFor.Name != "" {
		details["Recruiter"] = iv.RequestedFor.Name
	}
	if when := iv.Schedule.String(); when != "" {
		details[dueLabel(iv.Type)] = when
	}
	return details
}

// dueLabel says what the schedule of such an interview is.
func dueLabel(t ats.InterviewType) string {
	if t == ats.Live {
		return "Start"
	}
	return "Deadline"
}
