package config_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/config"
)

const exampleFile = "../../packaging/sparkbridge.yaml"

// What is packaged says nothing, and every key of it is commented with its default.
func TestTheExampleHasEveryKeyWithItsDefault(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Sources{File: exampleFile})
	require.NoError(t, err)
	require.Equal(t, config.Default(), c)

	text, err := os.ReadFile(exampleFile)
	require.NoError(t, err)
	uncommented := regexp.MustCompile(`(?m)^#( {2})?([a-z])`).ReplaceAllString(string(text), "$1$2")
	c, err = config.Load(config.Sources{File: write(t, uncommented)})
	require.NoError(t, err)
	c.APITokens = nil // an empty list and none are the same
	for _, p := range []*config.PerStack{&c.Teamtailor.PartnerAPIKey, &c.Teamtailor.WebhookSecret} {
		require.True(t, p.IsZero())
		*p = nil
	}
	require.Equal(t, config.Default(), c)
	for _, key := range keys(reflect.TypeFor[config.Config](), "") {
		require.Regexp(t, `(?m)^#`+key+`:`, string(text))
	}
}

// keys are the lines that name the fields, with their indentation.
func keys(of reflect.Type, indent string) []string {
	var all []string
	for f := range of.Fields() {
		all = append(all, indent+strings.Split(f.Tag.Get("yaml"), ",")[0])
		if f.Type.Kind() == reflect.Struct {
			all = append(all, keys(f.Type, indent+"  ")...)
		}
	}
	return all
}
