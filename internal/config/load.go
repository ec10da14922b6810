package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// envPrefix begins the name of every environment variable that is read:
// SPARKBRIDGE_SPARKHIRE__V1_URL sets sparkhire.v1_url.
const envPrefix = "SPARKBRIDGE_"

// clientVariables are no keys: they are for the commands that call a running service,
// and may stand beside the configuration of one, or name the file.
func clientVariables() []string {
	return []string{
		envPrefix + "URL", envPrefix + "TOKEN", envPrefix + "TOKEN_FILE",
		envPrefix + "ACTOR_ID", envPrefix + "ACTOR_CREDENTIAL", envPrefix + "CONFIG",
	}
}

// testPrefix begins the names of what the tests read, such as the address of their
// PostgreSQL server. A service that runs beside them has nothing to do with it.
const testPrefix = envPrefix + "TEST_"

// Sources are the layers that a configuration comes from. The first one that has
// a key wins: Flags, Environ, the file, the default.
type Sources struct {
	// Flags are keys given on the command line.
	Flags map[string]string
	// Environ is the environment as [os.Environ] returns it.
	Environ []string
	// File is the path of a YAML file; empty for none.
	File string
}

// Problem is what is wrong with one key.
type Problem struct { //nolint:errname // one of many, and never returned alone
	// Key is the key's name, or where it stands when it has none.
	Key string
	// Rule says what is expected, and never what a secret is.
	Rule string
}

// Error returns "key: rule".
func (p *Problem) Error() string { return p.Key + ": " + p.Rule }

// Load reads all layers and checks the result. The error joins every [*Problem]
// that was found, in all layers.
func Load(s Sources) (Config, error) {
	l := &loader{config: Default()}
	l.fields = map[string]reflect.Value{}
	l.collect("", reflect.ValueOf(&l.config).Elem())
	l.readFile(s.File)
	l.readEnviron(s.Environ)
	l.readFlags(s.Flags)
	l.readTokenFile()
	l.problems = append(l.problems, l.config.check()...)
	return l.config, join(l.problems)
}

type loader struct {
	config   Config
	fields   map[string]reflect.Value // by key
	problems []*Problem
}

func (l *loader) bad(key, rule string, args ...any) {
	l.problems = append(l.problems, &Problem{Key: key, Rule: fmt.Sprintf(rule, args...)})
}

// collect finds the fields that have keys.
func (l *loader) collect(prefix string, v reflect.Value) {
	for n := range v.NumField() {
		key := prefix + v.Type().Field(n).Tag.Get("yaml")
		if f := v.Field(n); f.Kind() == reflect.Struct {
			l.collect(key+".", f)
		} else {
			l.fields[key] = f
		}
	}
}

func (l *loader) readFile(path string) {
	if path == "" {
		return
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		l.bad("--config", "the file cannot be read: %v", err)
		return
	}
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		l.bad("--config", "the file is not YAML: %v", err)
		return
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		l.bad("--config", "the file must be one YAML document: nothing may follow a line of ---")
		return
	}
	if len(doc.Content) == 0 {
		return // an empty file
	}
	l.readMapping("", doc.Content[0])
}

func (l *loader) readMapping(prefix string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		if n.Tag != "!!null" {
			l.bad(cmp.Or(strings.TrimSuffix(prefix, "."), "--config"), "line %d: must be a mapping of keys to values", n.Line)
		}
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := prefix+n.Content[i].Value, n.Content[i+1]
		if seen[key] {
			l.bad(key, "line %d: this key is there twice", n.Content[i].Line)
			continue
		}
		seen[key] = true
		if f, ok := l.fields[key]; ok {
			if rule := setNode(f, value); rule != "" {
				l.bad(key, "line %d: %s", value.Line, rule)
			}
			continue
		}
		if l.isSection(key) {
			l.readMapping(key+".", value)
			continue
		}
		l.bad(key, "line %d: unknown key%s", n.Content[i].Line, l.suggest(key))
	}
}

func (l *loader) isSection(key string) bool {
	for k := range l.fields {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

// suggest names the key that was probably meant.
func (l *loader) suggest(key string) string {
	plain := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(s))
	}
	for k := range l.fields {
		if plain(k) == plain(key) {
			return "; is " + k + " meant?"
		}
	}
	return ""
}

func (l *loader) readEnviron(environ []string) {
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		rest, ok := strings.CutPrefix(name, envPrefix)
		if !ok || strings.HasPrefix(name, testPrefix) || slices.Contains(clientVariables(), name) {
			continue
		}
		l.set(strings.ToLower(strings.ReplaceAll(rest, "__", ".")), value, name)
	}
}

func (l *loader) readFlags(flags map[string]string) {
	keys := make([]string, 0, len(flags))
	for key := range flags {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		l.set(key, flags[key], "--set "+key)
	}
}

func (l *loader) set(key, value, from string) {
	if f, ok := l.fields[key]; ok {
		rule := ""
		if n := collection(f, value); n != nil {
			rule = setNode(f, n)
		} else {
			rule = setText(f, value)
		}
		if rule != "" {
			l.bad(key, "%s, in %s", rule, from)
		}
		return
	}
	// A secret per stack has the stack behind its key.
	if parent, stack, ok := cutLast(key); ok {
		if f, ok := l.fields[parent]; ok && f.Type() == reflect.TypeFor[PerStack]() {
			if f.IsNil() {
				f.Set(reflect.ValueOf(PerStack{}))
			}
			f.SetMapIndex(reflect.ValueOf(stack), reflect.ValueOf(Secret(value)))
			return
		}
	}
	l.bad(key, "unknown key, in %s%s", from, l.suggest(key))
}

// Flag returns the key that a flag of the command line sets, such as --workers or
// --sparkhire.settle-time, and whether the flag may stand without a value. Dashes,
// dots and underscores are the same there.
func Flag(name string) (key string, alone, ok bool) {
	c := Default()
	l := &loader{fields: map[string]reflect.Value{}}
	l.collect("", reflect.ValueOf(&c).Elem())
	plain := strings.NewReplacer("-", "_", ".", "_").Replace
	name = plain(name)
	for _, key := range slices.Sorted(maps.Keys(l.fields)) {
		f := l.fields[key]
		if plain(key) == name {
			return key, f.Kind() == reflect.Bool, true
		}
		if stack, ok := strings.CutPrefix(name, plain(key)+"_"); ok && f.Type() == reflect.TypeFor[PerStack]() {
			return key + "." + stack, false, true
		}
	}
	return "", false, false
}

func cutLast(key string) (parent, last string, ok bool) {
	n := strings.LastIndexByte(key, '.')
	if n < 0 {
		return "", "", false
	}
	return key[:n], key[n+1:], true
}

func (l *loader) readTokenFile() {
	path := l.config.APITokenFile
	if path == "" {
		return
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		l.bad("api_tokens_file", "the file cannot be read: %v", err)
		return
	}
	for token := range strings.FieldsSeq(string(text)) {
		l.config.APITokens = append(l.config.APITokens, Secret(token))
	}
}

// setNode sets a field from YAML and returns the rule that the value is against.
func setNode(f reflect.Value, n *yaml.Node) string {
	switch {
	case n.Tag == "!!null":
		return "" // as if the key were not there
	case n.Kind == yaml.ScalarNode:
		return setText(f, n.Value)
	case f.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		list := reflect.MakeSlice(f.Type(), 0, len(n.Content))
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return "must be a list of texts"
			}
			list = reflect.Append(list, reflect.ValueOf(textOf(item)).Convert(f.Type().Elem()))
		}
		f.Set(list)
		return ""
	case f.Type() == reflect.TypeFor[PerStack]() && n.Kind == yaml.MappingNode:
		stacks := PerStack{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			stacks[n.Content[i].Value] = Secret(textOf(n.Content[i+1]))
		}
		f.Set(reflect.ValueOf(stacks))
		return ""
	}
	return "must be " + kindName(f)
}

// collection returns the list or mapping that a text is, written as in the file, such
// as [a, b]; nil for any other text and for fields that hold one value.
func collection(f reflect.Value, text string) *yaml.Node {
	if f.Kind() != reflect.Slice && f.Kind() != reflect.Map {
		return nil
	}
	var doc yaml.Node
	if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 || doc.Content[0].Style&yaml.FlowStyle == 0 {
		return nil
	}
	return doc.Content[0]
}

// textOf returns the text of a scalar; null has none.
func textOf(n *yaml.Node) string {
	if n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// setText sets a field from text and returns the rule that the text is against.
func setText(f reflect.Value, text string) string {
	switch {
	case f.Type() == reflect.TypeFor[PerStack]():
		f.Set(reflect.ValueOf(PerStack{"": Secret(text)}))
	case f.Type() == reflect.TypeFor[time.Duration]():
		d, err := time.ParseDuration(text)
		if err != nil && text == "0" {
			err = nil
		}
		if err != nil {
			return "must be " + kindName(f)
		}
		f.SetInt(int64(d))
	case f.Kind() == reflect.String:
		f.SetString(text)
	case f.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return "must be " + kindName(f)
		}
		f.SetInt(int64(n))
	case f.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "must be " + kindName(f)
		}
		f.SetBool(b)
	case f.Kind() == reflect.Slice:
		list := reflect.MakeSlice(f.Type(), 0, 4)
		for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
			list = reflect.Append(list, reflect.ValueOf(item).Convert(f.Type().Elem()))
		}
		f.Set(list)
	}
	return ""
}

func kindName(f reflect.Value) string {
	switch {
	case f.Type() == reflect.TypeFor[time.Duration]():
		return "a duration such as 30s, 15m or 8760h"
	case f.Type() == reflect.TypeFor[PerStack]():
		return "a text, or one text per stack: {eu: …, na: …, ap: …}"
	case f.Kind() == reflect.Int:
		return "a whole number"
	case f.Kind() == reflect.Bool:
		return "true or false"
	case f.Kind() == reflect.Slice:
		return "a list of texts"
	}
	return "a text"
}

func join(problems []*Problem) error {
	errs := make([]error, len(problems))
	for n, p := range problems {
		errs[n] = p
	}
	return errors.Join(errs...)
}
