package keyform_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
)

// An accepted form survives being written one entry per line; a refused one names
// only lines that exist and repeats nothing of the text.
func FuzzParse(f *testing.F) {
	f.Add("Organization: org-key-0001\nAsha Lind: user-key-0002")
	f.Add("Organization:1;Bo Ek:2|Caj :3{ENTER}\r\n\n")
	f.Add("Organization: 1 Asha Lind: 2 Bo Ek: 3")
	f.Add("x\u2028:\xff")
	f.Fuzz(func(t *testing.T, text string) {
		form, err := keyform.Parse(text)
		if err != nil {
			var problems *keyform.Error
			require.ErrorAs(t, err, &problems)
			require.NotEmpty(t, problems.Problems)
			for _, p := range problems.Problems {
				require.LessOrEqual(t, p.Line, len(text)+1)
				require.Regexp(t, `^[\x20-\x7e]+$`, p.String())
			}
			return
		}
		written := "Organization: " + form.Organization.Reveal()
		ids := map[string]bool{}
		for _, u := range form.Users {
			require.NotContains(t, ids, u.ID)
			ids[u.ID] = true
			require.NotEmpty(t, u.Key.Reveal())
			require.False(t, strings.ContainsFunc(u.Key.Reveal(), unicode.IsSpace))
			written += "\n" + u.Name + ": " + u.Key.Reveal()
		}
		again, err := keyform.Parse(written)
		require.NoError(t, err)
		require.Equal(t, render(form), render(again))
	})
}
