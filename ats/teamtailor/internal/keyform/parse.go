package keyform

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// organization is the label of the organization key, in any case.
const organization = "Organization"

// maxProblems keeps the answer to a text that is no form at all readable.
const maxProblems = 100

// separators are what may stand between entries beside a line break.
var separators = regexp.MustCompile(`(?i)\r\n|[\n\r\v\f\x{85}\x{2028}\x{2029};|]|\{ENTER\}`)

// invisible characters are what copying from a web page or a document adds.
const invisible = "\u200b\ufeff\u2060\u00ad"

// Parse reads the text of the form.
//
// An entry is a name, a colon and a key without whitespace; spaces around any of
// them do not matter, nor do blank lines. The name Organization, in any case, must
// occur once; other names must be unique whatever their case. Entries on one line
// are told apart by the rule that a key ends at the first space, if the words
// between two colons leave no doubt where the next name begins.
//
// If anything is wrong it returns an [*Error] with all problems, and no form.
func Parse(text string) (Form, error) {
	if len(text) > MaxText {
		return Form{}, &Error{Problems: []Problem{{Text: fmt.Sprintf("the text is longer than %d characters", MaxText)}}}
	}
	p := parser{lines: map[string]int{}}
	for i, line := range separators.Split(visible(text), -1) {
		p.line = i + 1
		if line = tidy(line); line != "" {
			p.entries(line)
		}
	}
	if _, ok := p.lines[fold(organization)]; !ok {
		missing := Problem{Text: "there is no line that starts with Organization"}
		p.problems = slices.Insert(p.problems, 0, missing)
	}
	if len(p.problems) > 0 {
		return Form{}, &Error{Problems: p.problems}
	}
	return p.form, nil
}

type parser struct {
	form     Form
	lines    map[string]int // the line of each name, folded
	line     int
	problems []Problem
}

func (p *parser) problem(format string, args ...any) {
	switch text := fmt.Sprintf(format, args...); {
	case len(p.problems) < maxProblems:
		p.problems = append(p.problems, Problem{Line: p.line, Text: text})
	case len(p.problems) == maxProblems:
		p.problems = append(p.problems, Problem{Line: p.line, Text: "more problems from here on are not listed"})
	}
}

// entries reads a tidy, non-empty line: one entry, or several run together.
func (p *parser) entries(line string) {
	name, rest, ok := strings.Cut(line, ":")
	if !ok {
		p.problem("no colon between a name and a key")
		return
	}
	for {
		name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
		key, more, _ := strings.Cut(rest, " ")
		next, after, another := strings.Cut(more, ":")
		switch {
		case another && !nameLike(next):
			p.problem("cannot tell where a key ends and the next name begins; put each entry on a line of its own")
			return
		case !another && more != "":
			p.add(name, rest) // refused: a key with spaces inside
			return
		}
		p.add(name, key)
		if !another {
			return
		}
		name, rest = next, after
	}
}

// add checks one entry. Even a wrong one takes its name, so that one mistake is
// not reported twice.
func (p *parser) add(name, key string) {
	isOrganization := strings.EqualFold(name, organization)
	first, taken := p.lines[fold(name)]
	switch {
	case name == "":
		p.problem("no name before the colon")
	case !validName(name):
		p.problem("the name contains a character that cannot be shown")
	case taken && isOrganization:
		p.problem("a second organization key; the first is on line %d", first)
	case taken:
		p.problem("the same name as on line %d", first)
	default:
		p.lines[fold(name)] = p.line
	}
	switch {
	case key == "":
		p.problem("no key after the name")
	case strings.Contains(key, " "):
		p.problem("the key has a space inside")
	case !validKey(key):
		p.problem("the key contains a character that no key has; copy it again from Spark Hire")
	case isOrganization:
		p.form.Organization = Key{key}
	default:
		p.form.Users = append(p.form.Users, User{ID: ID(name), Name: name, Key: Key{key}, Line: p.line})
	}
}

// nameLike reports whether the words between a key and the next colon can only be
// a name. A digit makes them suspicious: they may be the second half of a key that
// was broken by a space.
func nameLike(words string) bool {
	words = strings.TrimSpace(words)
	return words != "" && !strings.ContainsFunc(words, unicode.IsDigit)
}

func validName(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// validKey accepts visible ASCII. The known samples are letters, digits and dashes
// [assumed: docs/vendors/teamtailor.md]; what this refuses is mostly a dash or a
// quotation mark that a word processor has replaced.
func validKey(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// visible removes invisible characters and keeps every other byte as it is.
func visible(text string) string {
	if !strings.ContainsAny(text, invisible) {
		return text
	}
	for _, r := range invisible {
		text = strings.ReplaceAll(text, string(r), "")
	}
	return text
}

// tidy trims text and reduces runs of whitespace, of any kind, to one space.
func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

// fold maps names that differ only in case, or only in space against dash and so
// would share an id, to the same text.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, ID(name))
}
