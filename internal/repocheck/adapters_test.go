package repocheck

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
)

// named is an adapter with the name that people know its product by.
type named struct {
	product string
	ats.Adapter
}

func products(t *testing.T) []named {
	t.Helper()
	tt, err := teamtailor.New(teamtailor.Config{
		PartnerAPIKeys: map[teamtailor.Stack]ats.Secret{teamtailor.EU: "key-for-the-table"},
		WebhookSecrets: map[teamtailor.Stack]ats.Secret{teamtailor.EU: "secret-for-the-table"},
	})
	require.NoError(t, err)
	te, err := topechelon.New(topechelon.Config{})
	require.NoError(t, err)
	pc, err := paycor.New(paycor.Config{})
	require.NoError(t, err)
	return []named{{"Teamtailor", tt}, {"Top Echelon", te}, {"Paycor", pc}}
}

// What the README says about the adapters' rules and capabilities is what their code says.
func TestReadmeTablesAreTheAdapters(t *testing.T) {
	t.Parallel()
	file := filepath.Join(root, "README.md")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	readme := string(text)
	adapters := products(t)
	for name, table := range map[string]string{"policies": policyTable(adapters), "capabilities": capabilityTable(adapters)} {
		begin, end := "<!-- generated: "+name+" -->\n", "<!-- end of "+name+" -->"
		before, rest, found := strings.Cut(readme, begin)
		require.True(t, found, "README.md lacks the line %q", begin)
		present, after, found := strings.Cut(rest, end)
		require.True(t, found, "README.md lacks the line %q", end)
		if *update {
			readme = before + begin + table + end + after
			continue
		}
		require.Equal(t, table, present, "write it with go test ./internal/repocheck -run TestReadmeTables -update")
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(readme), 0o600))
	}
}

// policyTable has a line for each rule.
func policyTable(adapters []named) string {
	rules := []struct {
		rule string
		says func(p ats.Policy) string
	}{
		{"interview types, the default first", func(p ats.Policy) string { return each(p, func(i ats.InterviewType) string { return "" }) }},
		{"question set", func(p ats.Policy) string {
			return each(p, func(i ats.InterviewType) string { return p.QuestionSet[i].String() })
		}},
		{"deadline or start", deadline},
		{"an open interview ends at its deadline", func(p ats.Policy) string { return yes(p.Deadline.Ends) }},
		{"link of the ATS job to a Spark Hire job", func(p ats.Policy) string { return p.JobLink.String() }},
		{"whose Spark Hire key invites", func(p ats.Policy) string { return p.ActorKey.String() }},
		{"primary user", func(p ats.Policy) string { return p.PrimaryUser.String() }},
		{"what counts as the same request", func(p ats.Policy) string { return p.Scope.String() }},
		{"another request while one is pending", func(p ats.Policy) string { return p.WhilePending.String() }},
		{"another request after a completed one", func(p ats.Policy) string { return p.AfterCompleted.String() }},
		{"cancel", func(p ats.Policy) string { return offered(p.Cancel) }},
		{"message to the candidate", func(p ats.Policy) string { return offered(p.Message) }},
		{"recordings without a key of one's own", func(p ats.Policy) string { return yes(p.ViewWithoutKey) }},
		{"time zone of the connection", func(p ats.Policy) string { return p.TimeZone.String() }},
		{"do-not-e-mail marks", func(p ats.Policy) string { return map[bool]string{true: "obeyed", false: "none"}[p.DoNotEmail] }},
		{"a record that has gone erases the person", func(p ats.Policy) string { return yes(p.GoneErases) }},
		{"who sets users and settings", func(p ats.Policy) string { return p.Settings.String() }},
		{"rows in one bulk call", func(p ats.Policy) string {
			if p.Rows == 0 {
				return "any number"
			}
			return fmt.Sprintf("at most %d", p.Rows)
		}},
	}
	rows := make([][]string, 0, len(rules))
	for _, r := range rules {
		row := []string{r.rule}
		for _, a := range adapters {
			row = append(row, r.says(a.Policy()))
		}
		rows = append(rows, row)
	}
	return table("rule", adapters, rows)
}

func capabilityTable(adapters []named) string {
	all := []ats.Capability{
		ats.CanReceive, ats.CanListJobs, ats.CanReadCandidates, ats.CanListCandidates, ats.CanCheckAccess, ats.CanResolveActors,
		ats.CanCheckRequests, ats.CanReconcile, ats.CanDecodeSettings, ats.CanTailorPolicy, ats.CanKeepGate, ats.CanAuthorize, ats.CanBeTried,
	}
	rows := make([][]string, 0, len(all))
	for _, c := range all {
		row := []string{string(c)}
		for _, a := range adapters {
			row = append(row, yes(slices.Contains(ats.Capabilities(a.Adapter), c)))
		}
		rows = append(rows, row)
	}
	return table("the adapter", adapters, rows)
}

func table(first string, adapters []named, rows [][]string) string {
	head := []string{first}
	for _, a := range adapters {
		head = append(head, a.product)
	}
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(head)
	line(slices.Repeat([]string{"---"}, len(head)))
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// each says something about each type on offer; about nothing it lists them.
func each(p ats.Policy, says func(ats.InterviewType) string) string {
	parts := make([]string, 0, len(p.Types))
	for _, i := range p.Types {
		words := map[ats.InterviewType]string{ats.OneWay: "one-way", ats.Live: "live"}[i]
		if s := says(i); s != "" {
			words += ": " + s
		}
		parts = append(parts, words)
	}
	return strings.Join(parts, ", ")
}

func deadline(p ats.Policy) string {
	d := p.Deadline
	words := map[ats.Need]string{ats.Required: "date and time", ats.Optional: "date, a time if wanted", ats.Forbidden: "date only"}[d.Time]
	words += ", " + d.Given.String()
	if d.DefaultDays > 0 {
		words += fmt.Sprintf("; %s in %d days", map[ats.Need]string{ats.Required: "proposed", ats.Optional: "by default"}[d.Given], d.DefaultDays)
	}
	return words
}

func yes(b bool) string { return map[bool]string{true: "yes", false: "no"}[b] }

func offered(n ats.Need) string {
	return map[ats.Need]string{ats.Forbidden: "not offered", ats.Optional: "offered", ats.Required: "required"}[n]
}
