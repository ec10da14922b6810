package httpx

import (
	"net/url"
	"strings"
)

// checkArgs says whether each {name} of template has an argument that can stand for it. Identifiers
// come from callers and from vendors, so an empty one or one that would climb out of its segment is
// an argument error.
func checkArgs(template string, args []string) *ArgumentError {
	rest := template
	for {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		if len(args) == 0 {
			return &ArgumentError{Name: name, Reason: "is missing"}
		}
		switch args[0] {
		case "":
			return &ArgumentError{Name: name, Reason: "must not be empty"}
		case ".", "..":
			return &ArgumentError{Name: name, Reason: "must not be a relative path"}
		}
		rest, args = tail, args[1:]
	}
	if len(args) > 0 {
		return &ArgumentError{Name: "path", Reason: "has fewer places than arguments"}
	}
	return nil
}

// expand appends template to prefix, each {name} replaced by the next of args, which were checked.
func expand(prefix, template string, args []string) string {
	var b strings.Builder
	size := len(prefix) + len(template)
	for _, arg := range args {
		size += len(arg)
	}
	b.Grow(size)
	b.WriteString(prefix)
	for _, arg := range args {
		before, after, _ := strings.Cut(template, "{")
		b.WriteString(before)
		b.WriteString(arg)
		_, template, _ = strings.Cut(after, "}")
	}
	b.WriteString(template)
	return b.String()
}

// escapeArgs returns args as they appear in an address; args itself where nothing needs escaping.
func escapeArgs(args []string) (escaped []string, changed bool) {
	for i, arg := range args {
		e := url.PathEscape(arg)
		if e == arg && !changed {
			continue
		}
		if !changed {
			escaped, changed = append(escaped, args...), true
		}
		escaped[i] = e
	}
	return escaped, changed
}
