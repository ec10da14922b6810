package sign_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

func ExampleTrigger() {
	body := []byte(`{"partner-event":{"id":"6f1c2a6e-3c1b-4b7e-9a53-0a6a0f6f2d11"}}`)
	header := http.Header{}
	header.Set(sign.TriggerHeader, "t=1781000000,v1=448802ccd297f0c72c8cd5b082d2a22ca32186f9f2fc644bec614fb3f34158fe,v0=00")
	secrets := []sign.Secret{sign.NewSecret("eu", "whs_new_secret"), sign.NewSecret("eu-previous", "whs_example_secret")}

	match, err := sign.Trigger(header, body, secrets, sign.Window{Now: time.Unix(1781000060, 0)})
	fmt.Println(match.Secret, match.Message, match.ID, err)

	_, err = sign.Trigger(header, body, secrets, sign.Window{Now: time.Unix(1781000600, 0)})
	fmt.Println(err)
	// Output:
	// eu-previous event-id 6f1c2a6e-3c1b-4b7e-9a53-0a6a0f6f2d11 <nil>
	// verify trigger signature: the signed time is outside the tolerance
}
