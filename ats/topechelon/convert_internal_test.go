package topechelon

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
)

func TestCandidateFromAPI(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		person api.Person
		want   ats.Candidate
	}{
		"first and last name": {
			api.Person{ID: "7", Name: "M. Okafor", FirstName: "Maya", LastName: "Okafor"},
			ats.Candidate{ID: "7", FirstName: "Maya", LastName: "Okafor"},
		},
		"a whole name only": {api.Person{ID: "7", Name: " Maya Adaeze Okafor "}, ats.Candidate{ID: "7", FirstName: "Maya", LastName: "Adaeze Okafor"}},
		"one word":          {api.Person{ID: "7", Name: "Suharsono"}, ats.Candidate{ID: "7", FirstName: "Suharsono"}},
		"no name at all":    {api.Person{ID: "7"}, ats.Candidate{ID: "7"}},
		"an empty primary address does not count": {
			api.Person{ID: "7", Emails: []api.Email{{Address: " ", Primary: true, DoNotEmail: true}, {Address: " maya@mail.example "}}},
			ats.Candidate{ID: "7", Email: "maya@mail.example"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, candidateFromAPI(c.person))
		})
	}
}
