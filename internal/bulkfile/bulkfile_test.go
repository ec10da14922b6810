package bulkfile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/bulkfile"
)

func Example() {
	file := "candidate_id,first_name,email,due_date\nc1,Mira,mira@mail.example,2026-03-17\nc2,\"Ole\n"
	r, err := bulkfile.NewReader(strings.NewReader(file), bulkfile.CSV)
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		req, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(req.Line, string(req.JSON))
	}
	// Output:
	// 2 {"candidate":{"email":"mira@mail.example","first_name":"Mira","id":"c1"},"due":{"date":"2026-03-17"},"key":"import-5b8d7acf0c94f25d1436c78e7da994f7"}
	// line 3: a quote is missing or does not belong here
}

// told is what a reader says of a file, a line for each request or bad line.
func told(t *testing.T, file string, format bulkfile.Format) []string {
	t.Helper()
	r, err := bulkfile.NewReader(strings.NewReader(file), format)
	if err != nil {
		return []string{"no file: " + err.Error()}
	}
	var all []string
	for {
		req, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			all = append(all, err.Error())
			continue
		}
		var v struct {
			Key       string
			Candidate struct{ ID, Email string }
			Message   string
		}
		require.NoError(t, json.Unmarshal(req.JSON, &v))
		require.Equal(t, v.Key, req.Key)
		all = append(all, fmt.Sprintf("%d %s %s", req.Line, v.Candidate.ID, v.Message))
	}
}

func TestEveryLineIsReadOrNamed(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 70<<10)
	for name, tc := range map[string]struct {
		file   string
		format bulkfile.Format
		want   []string
	}{
		"what a spreadsheet saves":         {"\xef\xbb\xbfCandidate_ID;Message\r\nc1;hello\r\n\r\nc2;\"a; b\"\r\n", bulkfile.CSV, []string{"2 c1 hello", "4 c2 a; b"}},
		"no line end at the end":           {"candidate_id\nc1", bulkfile.CSV, []string{"2 c1 "}},
		"a value over several lines":       {"candidate_id,message\nc1,\"one\ntwo\"\nc2,x\n", bulkfile.CSV, []string{"2 c1 one\ntwo", "4 c2 x"}},
		"a quote within":                   {"candidate_id,message\nc1,\"he \"\"said\"\"\"\n", bulkfile.CSV, []string{`2 c1 he "said"`}},
		"a forgotten quote":                {"candidate_id,message\nc1,\"oops\nc2,x\nc3,y\n", bulkfile.CSV, []string{"line 2: a quote is missing or does not belong here", "3 c2 x", "4 c3 y"}},
		"two forgotten quotes":             {"candidate_id,message\nc1,a \"b\nc2,x\nc3,c \"d\nc4,y\n", bulkfile.CSV, []string{"line 2, column 6: a quote is missing or does not belong here", "3 c2 x", "line 4: a quote is missing or does not belong here", "5 c4 y"}},
		"too few and too many values":      {"candidate_id,message\nc1\nc2,x,y\nc3,z\n", bulkfile.CSV, []string{"line 2: there are 1 values for 2 columns", "line 3: there are 3 values for 2 columns", "4 c3 z"}},
		"another character set":            {"candidate_id,message\nc1,\xe5\nc2,x\n", bulkfile.CSV, []string{"line 2, column message: this is not UTF-8: save the file as UTF-8", "3 c2 x"}},
		"a line that is too long":          {"candidate_id,message\nc1," + long + "\nc2,x\n", bulkfile.CSV, []string{"line 2: the request is longer than 64 KiB", "3 c2 x"}},
		"a long line in an open quote":     {"candidate_id,message\nc1,\"a\n" + long + "\nc2,x\n", bulkfile.CSV, []string{"line 2: a quote is missing or does not belong here", "line 3: the request is longer than 64 KiB", "4 c2 x"}},
		"yes and no":                       {"candidate_id,do_not_email\nc1,yes\nc2,perhaps\n", bulkfile.CSV, []string{"2 c1 ", "line 3, column do_not_email: write true or false"}},
		"no file at all":                   {"", bulkfile.CSV, []string{"no file: the file is empty: its first line must name the columns"}},
		"a column that is misspelled":      {"candidate,email\n", bulkfile.CSV, []string{`no file: line 1, column 1: there is no column "candidate"; the columns are ` + strings.Join(bulkfile.Columns(), ", ")}},
		"a column twice":                   {"email,email\n", bulkfile.CSV, []string{"no file: line 1, column email: this column is there twice"}},
		"objects, one per line":            {"{\"candidate\":{\"id\":\"c1\"}}\r\n\n{\"candidate\":{\"id\":\"c2\"},\"key\":\"k\"}", bulkfile.NDJSON, []string{"1 c1 ", "3 c2 "}},
		"a line that is no JSON":           {"{\"a\" 1}\n[]\nnull\n{} {}\n{\"key\":7}\n{\"candidate\":{\"id\":\"c\"}}\n", bulkfile.NDJSON, []string{"line 1, column 6: this is not valid JSON", "line 2: this is not a JSON object", "line 3: a line must be one JSON object", "line 4: a line must be one JSON object", "line 5, column key: a key must be a text", "6 c "}},
		"nothing in a file without a head": {"", bulkfile.NDJSON, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, told(t, tc.file, tc.format))
		})
	}
}

func TestKeysComeFromWhatIsAskedAndNotFromHowItIsWritten(t *testing.T) {
	t.Parallel()
	first := func(file string, format bulkfile.Format) string {
		r, err := bulkfile.NewReader(strings.NewReader(file), format)
		require.NoError(t, err)
		req, err := r.Next()
		require.NoError(t, err)
		return req.Key
	}
	key := first("candidate_id,email\nc1,a@mail.example\n", bulkfile.CSV)
	require.Regexp(t, "^import-[0-9a-f]{32}$", key)
	require.Equal(t, key, first("email;candidate_id;message\r\n a@mail.example;c1;\r\n", bulkfile.CSV), "other order, an empty column")
	require.Equal(t, key, first(`{"candidate":{"email":"a@mail.example","id":"c1"}}`, bulkfile.NDJSON))
	require.NotEqual(t, key, first("candidate_id,email\nc1,b@mail.example\n", bulkfile.CSV))
	require.Equal(t, "mine", first("candidate_id,key\nc1,mine\n", bulkfile.CSV))
}

func TestTheFirstCharacterTellsHowAFileIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bulkfile.Format{
		`{"key":"a"}`: bulkfile.NDJSON, "\ufeff\r\n {}": bulkfile.NDJSON,
		"key,email\n": bulkfile.CSV, "\ufeffkey;email": bulkfile.CSV, "": bulkfile.CSV, "\"key\",email": bulkfile.CSV, "é": bulkfile.CSV,
	} {
		format, in := bulkfile.Guess(iotest.OneByteReader(strings.NewReader(text)))
		require.Equal(t, want, format, "%q", text)
		rest, err := io.ReadAll(in)
		require.NoError(t, err)
		require.Equal(t, text, string(rest), "nothing is lost")
	}
}

func TestColumnsOfFields(t *testing.T) {
	t.Parallel()
	for field, column := range map[string]string{"candidate.email": "email", "due.date": "due_date", "key": "key", "type": "type", "settings.x": "settings.x"} {
		require.Equal(t, column, bulkfile.ColumnOf(field))
	}
}

func TestTheDocumentationNamesEveryColumn(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"doc.go", "../../docs/operations.md"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, c := range bulkfile.Columns() {
			require.Contains(t, string(text), c, file)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add("candidate_id,email\nc1,\"a\nb\"\n", true)
	f.Add("candidate_id;message\n\";\"\n\"\n", true)
	f.Add(`{"candidate":{}}`, false)
	f.Fuzz(func(t *testing.T, file string, isCSV bool) {
		format := bulkfile.NDJSON
		if isCSV {
			format = bulkfile.CSV
		}
		r, err := bulkfile.NewReader(strings.NewReader(file), format)
		if err != nil {
			return
		}
		last := 0
		for {
			req, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			line := req.Line
			if bad, ok := errors.AsType[*bulkfile.LineError](err); ok {
				line = bad.Line
			} else {
				require.NoError(t, err)
				require.True(t, json.Valid(req.JSON))
				require.NotContains(t, string(req.JSON), "\n")
			}
			require.Greater(t, line, last, "lines come in order and once")
			last = line
		}
	})
}
