package keyform_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
)

// want is a form written the short way: organization key first, then name=key.
func render(f keyform.Form) []string {
	list := []string{f.Organization.Reveal()}
	for _, u := range f.Users {
		list = append(list, u.Name+"="+u.Key.Reveal())
	}
	return list
}

func TestParseAcceptsEverySeparator(t *testing.T) {
	t.Parallel()
	want := []string{"org-key-0001", "Asha Lind=user-key-0002", "Bo Ek=user-key-0003"}
	tests := map[string]string{
		"lines":                       "Organization: org-key-0001\nAsha Lind: user-key-0002\nBo Ek: user-key-0003",
		"Windows lines":               "Organization: org-key-0001\r\nAsha Lind: user-key-0002\r\nBo Ek: user-key-0003\r\n",
		"old Mac lines":               "Organization: org-key-0001\rAsha Lind: user-key-0002\rBo Ek: user-key-0003",
		"blank lines":                 "\n\nOrganization: org-key-0001\n \t\nAsha Lind: user-key-0002\n\nBo Ek: user-key-0003\n\n",
		"semicolons":                  "Organization: org-key-0001;Asha Lind: user-key-0002; Bo Ek: user-key-0003;",
		"bars":                        "Organization: org-key-0001|Asha Lind: user-key-0002 | Bo Ek: user-key-0003",
		"literal ENTER":               "Organization: org-key-0001{ENTER}Asha Lind: user-key-0002 {enter} Bo Ek: user-key-0003",
		"line separators of Unicode":  "Organization: org-key-0001\u2028Asha Lind: user-key-0002\u2029Bo Ek: user-key-0003",
		"no spaces":                   "Organization:org-key-0001\nAsha Lind:user-key-0002\nBo Ek:user-key-0003",
		"spaces on all sides":         "  Organization  :  org-key-0001  \n\tAsha   Lind\t:\tuser-key-0002\n Bo Ek :user-key-0003 ",
		"no-break spaces":             "Organization:\u00a0org-key-0001\nAsha\u00a0Lind: user-key-0002\nBo Ek: user-key-0003\u00a0",
		"invisible characters":        "\ufeffOrganization: org-key-0001\u200b\nAsha Lind: user-\u00adkey-0002\nBo Ek: \u2060user-key-0003",
		"entries run together":        "Organization: org-key-0001 Asha Lind: user-key-0002 Bo Ek: user-key-0003",
		"run together without spaces": "Organization:org-key-0001 Asha Lind:user-key-0002 Bo Ek:user-key-0003",
		"run together, wide spaces":   "Organization : org-key-0001   Asha Lind : user-key-0002   Bo Ek : user-key-0003",
		"a mixture":                   "ORGANIZATION: org-key-0001;Asha Lind: user-key-0002 Bo Ek: user-key-0003\r\n",
		"another order of the label":  "organization: org-key-0001\nAsha Lind: user-key-0002\nBo Ek: user-key-0003",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, err := keyform.Parse(text)
			require.NoError(t, err)
			require.Equal(t, want, render(form))
		})
	}
}

func TestParseAcceptsKeysAndNamesOfOtherShapes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"only the organization":         {"Organization: 1", []string{"1"}},
		"the organization last":         {"Asha Lind: 2\nOrganization: 1", []string{"1", "Asha Lind=2"}},
		"digits only":                   {"Organization: 0123456789\nBo Ek: 42", []string{"0123456789", "Bo Ek=42"}},
		"a colon inside a key":          {"Organization: a:b\nBo Ek: c:d:e", []string{"a:b", "Bo Ek=c:d:e"}},
		"a colon inside a key, in line": {"Organization: a:b Bo Ek: c:d", []string{"a:b", "Bo Ek=c:d"}},
		"a name of one word":            {"Organization: 1\nCher: 2", []string{"1", "Cher=2"}},
		"a name that is not ASCII":      {"Organization: 1 Zoë Ñúñez-O'Brien: 2", []string{"1", "Zoë Ñúñez-O'Brien=2"}},
		"a name from right to left":     {"Organization: 1\nمها علي: 2", []string{"1", "مها علي=2"}},
		"a digit in a name on its line": {"Organization: 1\nAsha Lind 2: 2", []string{"1", "Asha Lind 2=2"}},
		"the label as part of a name":   {"Organization: 1\nOrganization Admin: 2", []string{"1", "Organization Admin=2"}},
		"letters of two alphabets":      {"Organization: 1\nIşıl: 2\nIsil: 3", []string{"1", "Işıl=2", "Isil=3"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, err := keyform.Parse(tt.text)
			require.NoError(t, err)
			require.Equal(t, tt.want, render(form))
		})
	}
}

func TestParseReportsProblems(t *testing.T) {
	t.Parallel()
	const ambiguous = "cannot tell where a key ends and the next name begins; put each entry on a line of its own."
	tests := map[string]struct {
		text string
		want []string
	}{
		"nothing":                           {"", []string{"There is no line that starts with Organization."}},
		"only separators":                   {"\n;|{ENTER}", []string{"There is no line that starts with Organization."}},
		"no organization":                   {"Asha Lind: 1", []string{"There is no line that starts with Organization."}},
		"two organizations":                 {"Organization: 1\n\norganization : 2", []string{"Line 3: a second organization key; the first is on line 1."}},
		"two organizations on a line":       {"Organization: 1 ORGANIZATION: 2", []string{"Line 1: a second organization key; the first is on line 1."}},
		"an organization without a key":     {"Organization:\nBo Ek: 2", []string{"Line 1: no key after the name."}},
		"a user without a key":              {"Organization: 1\n\nBo Ek:  ", []string{"Line 3: no key after the name."}},
		"a key without a user":              {"Organization: 1\n : 2", []string{"Line 2: no name before the colon."}},
		"a colon alone":                     {"Organization: 1\n:", []string{"Line 2: no name before the colon.", "Line 2: no key after the name."}},
		"an entry without a colon":          {"Organization: 1\nBo Ek 2", []string{"Line 2: no colon between a name and a key."}},
		"the same name twice":               {"Organization: 1\nBo Ek: 2\nBO  EK: 3", []string{"Line 3: the same name as on line 2."}},
		"names with the same id":            {"Organization: 1\nBo Ek: 2\nbo-ek: 3", []string{"Line 3: the same name as on line 2."}},
		"names that fold together":          {"Organization: 1\nMaß: 2\nMAẞ: 3", []string{"Line 3: the same name as on line 2."}},
		"names with two small letters":      {"Organization: 1\nΝικος: 2\nΝΙΚΟΣ: 3", []string{"Line 3: the same name as on line 2."}},
		"a key with a space":                {"Organization: 1\nBo Ek: 2 3", []string{"Line 2: the key has a space inside."}},
		"a key with a tab":                  {"Organization: 1\nBo Ek: 2\t3", []string{"Line 2: the key has a space inside."}},
		"an organization key with a space":  {"Organization: 1 2", []string{"Line 1: the key has a space inside."}},
		"a broken key before the next name": {"Organization: 11 2f2 Bo Ek: 3", []string{"There is no line that starts with Organization.", "Line 1: " + ambiguous}},
		"a colon where a name should be":    {"Organization: 1 : 2", []string{"There is no line that starts with Organization.", "Line 1: " + ambiguous}},
		"a dash of a word processor":        {"Organization: 1–2", []string{"Line 1: the key contains a character that no key has; copy it again from Spark Hire."}},
		"a control character in a key":      {"Organization: 1\x00", []string{"Line 1: the key contains a character that no key has; copy it again from Spark Hire."}},
		"a control character in a name":     {"Organization: 1\nB\x00: 2", []string{"Line 2: the name contains a character that cannot be shown."}},
		"a name that is not UTF-8":          {"Organization: 1\nB\xff: 2", []string{"Line 2: the name contains a character that cannot be shown."}},
		"lines of every separator":          {"Organization: 1;x|y{ENTER}z", []string{"Line 2: no colon between a name and a key.", "Line 3: no colon between a name and a key.", "Line 4: no colon between a name and a key."}},
		"everything at once": {"Asha Lind: 1\nBo\nasha lind:\n: 3\nCaj: 4 5", []string{
			"There is no line that starts with Organization.",
			"Line 2: no colon between a name and a key.",
			"Line 3: the same name as on line 1.",
			"Line 3: no key after the name.",
			"Line 4: no name before the colon.",
			"Line 5: the key has a space inside.",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, err := keyform.Parse(tt.text)
			var problems *keyform.Error
			require.ErrorAs(t, err, &problems)
			require.Equal(t, tt.want, problems.Messages())
			require.Equal(t, "activation form: "+strings.Join(tt.want, " "), err.Error())
			require.Zero(t, form)
		})
	}
}

func TestParseIsBounded(t *testing.T) {
	t.Parallel()
	_, err := keyform.Parse(strings.Repeat("a", keyform.MaxText+1))
	require.ErrorContains(t, err, "longer than")

	_, err = keyform.Parse("Organization: 1\n" + strings.Repeat("x\n", 5000))
	var problems *keyform.Error
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems.Problems, 101)
	require.Equal(t, "Line 102: more problems from here on are not listed.", problems.Problems[100].String())
}

func TestUsersAreFoundByID(t *testing.T) {
	t.Parallel()
	form, err := keyform.Parse("Organization: 1\nAsha  von Lind: 2\n\nÅsa Öberg: 3")
	require.NoError(t, err)
	user, ok := form.User("asha-von-lind")
	require.True(t, ok)
	require.Equal(t, keyform.User{ID: "asha-von-lind", Name: "Asha von Lind", Key: keyform.NewKey("2"), Line: 2}, user)
	user, ok = form.User("åsa-öberg")
	require.True(t, ok)
	require.Equal(t, 4, user.Line)
	_, ok = form.User("organization")
	require.False(t, ok, "the organization is no recruiter")
	require.Equal(t, "asha-lind", keyform.ID("  Asha \t LIND "))
}

func TestNothingIsPrinted(t *testing.T) {
	t.Parallel()
	form, err := keyform.Parse("Organization: org-key-0001\nAsha Lind: user-key-0002")
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("form", "form", form, "user", form.Users[0], "key", form.Organization, "users", fmt.Sprint(form.Users))
	shown := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb, form) + fmt.Sprintf(verb, form.Organization) + fmt.Sprintf(verb, &form.Users[0])
	}
	keys, err := json.Marshal(map[string]any{"organization": form.Organization, "users": form.Users})
	require.NoError(t, err)
	for _, secret := range []string{"org-key", "user-key", "Asha", "asha"} {
		require.NotContains(t, shown, secret)
	}
	require.NotContains(t, string(keys), "-key-", "encoding a form is the caller's doing; keys stay out of it all the same")
	require.Contains(t, log.String(), `"users":1`)
}

func ExampleParse() {
	form, err := keyform.Parse("Organization: org-key-0001\n\nAsha Lind: user-key-0002")
	if err != nil {
		panic(err)
	}
	for _, user := range form.Users {
		fmt.Println(user.ID, user.Key)
	}

	_, err = keyform.Parse("Asha Lind user-key-0002\nBo Ek:")
	fmt.Println(err)
	// Output:
	// asha-lind [redacted]
	// activation form: There is no line that starts with Organization. Line 1: no colon between a name and a key. Line 2: no key after the name.
}
