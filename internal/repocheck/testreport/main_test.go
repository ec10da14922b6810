package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	t.Parallel()
	const pass = `{"Action":"output","Package":"a","Test":"TestOne","Output":"noise\n"}
{"Action":"pass","Package":"a","Test":"TestOne","Elapsed":0.1}
{"Action":"pass","Package":"a","Elapsed":1.25}
`
	for _, c := range []struct {
		title, in string
		ok        bool
		want      string
	}{
		{"everything passed", pass, true, "pass  a  1.25s\n1 packages: 1 tests passed, 0 failed, 0 skipped\n"},
		{"a package without tests does not count", pass + `{"Action":"output","Package":"b","Output":"? b [no test files]\n"}
{"Action":"skip","Package":"b","Elapsed":0}
`, true, "pass  a  1.25s\n1 packages: 1 tests passed, 0 failed, 0 skipped\n"},
		{"a test failed: its output is shown", pass + `{"Action":"output","Package":"b","Test":"TestTwo","Output":"two is wrong\n"}
{"Action":"fail","Package":"b","Test":"TestTwo"}
{"Action":"output","Package":"b","Output":"FAIL\n"}
{"Action":"fail","Package":"b","Elapsed":2}
`, false, "pass  a  1.25s\ntwo is wrong\nFAIL\nfail  b  2.00s\n2 packages: 1 tests passed, 1 failed, 0 skipped\n"},
		{"a test was skipped: that is not success", pass + `{"Action":"output","Package":"b","Test":"TestTwo","Output":"no database\n"}
{"Action":"skip","Package":"b","Test":"TestTwo"}
{"Action":"pass","Package":"b","Elapsed":2}
`, false, "pass  a  1.25s\nno database\npass  b  2.00s\n2 packages: 1 tests passed, 0 failed, 1 skipped\nskipped, which counts as failed: b TestTwo\n"},
		{"a package failed outside its tests", pass + `{"Action":"output","Package":"b","Output":"panic\n"}
{"Action":"fail","Package":"b","Elapsed":0.5}
`, false, "pass  a  1.25s\npanic\nfail  b  0.50s\n2 packages: 1 tests passed, 0 failed, 0 skipped\n"},
		{"a build failed", pass + `{"ImportPath":"b","Action":"build-output","Output":"undefined: x\n"}
{"ImportPath":"b","Action":"build-fail"}
`, false, "pass  a  1.25s\nundefined: x\n1 packages: 1 tests passed, 0 failed, 0 skipped\n"},
		{"nothing ran", "", false, "0 packages: 0 tests passed, 0 failed, 0 skipped\n"},
		{"a line that is not an event is shown", "go: downloading\n" + pass, true, "go: downloading\npass  a  1.25s\n1 packages: 1 tests passed, 0 failed, 0 skipped\n"},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			ok, err := report(strings.NewReader(c.in), &out)
			require.NoError(t, err)
			assert.Equal(t, c.ok, ok)
			assert.Equal(t, c.want, out.String())
		})
	}
}
