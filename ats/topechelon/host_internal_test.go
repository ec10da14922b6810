package topechelon

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIDsMayBeNumbers(t *testing.T) {
	t.Parallel()
	a, err := decodeActor([]byte(`{"agencyId": 12, "userId": 9007199254740993, "timeZone": "America/New_York", "name": null}`))
	require.NoError(t, err)
	require.Equal(t, UserRef{AgencyID: "12", UserID: "9007199254740993"}, a.UserRef)
	jobs, err := decodeJobs([]byte(`{"jobIds": [2342, "2400"]}`))
	require.NoError(t, err)
	require.Equal(t, []string{"2342", "2400"}, jobs)
	_, err = decodeJobs([]byte(`{"jobIds": [true]}`))
	require.Error(t, err)
}

func FuzzHostAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"agencyId":"ag-12","userId":"u1","name":"Tove","timeZone":"America/New_York"}`,
		`{"jobIds":["2342","2400"]}`, `{"jobIds":[]}`, `{"member":true}`, `{"member":false,"more":1}`,
		`{}`, `null`, `[]`, `"x"`, `{"jobIds":null}`, `{"member":"true"}`, `{"agencyId":7}`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if a, err := decodeActor(body); err == nil {
			require.NotEmpty(t, a.AgencyID, "nobody acts without an agency")
			require.NotEmpty(t, a.UserID)
			again, err := json.Marshal(map[string]string{
				"agencyId": a.AgencyID, "userId": a.UserID, "name": a.Name, "email": a.Email, "timeZone": a.TimeZone,
			})
			require.NoError(t, err)
			b, err := decodeActor(again)
			require.NoError(t, err)
			require.Equal(t, a, b)
		} else {
			require.Zero(t, a)
		}
		if jobs, err := decodeJobs(body); err == nil {
			require.NotNil(t, jobs, "no list is not an empty one")
		}
		if member, err := decodeMember(body); member {
			require.NoError(t, err, "an answer that cannot be read lets nobody in")
		}
	})
}
