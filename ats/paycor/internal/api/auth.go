package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

const (
	pathToken   = "/sts/v1/common/token"                                          //nolint:gosec // an address
	pathRefresh = "/v1/authenticationsupport/retrieveAccessTokenWithRefreshToken" //nolint:gosec // an address
)

// TokenLifetime is how long an access token lives, at most and when the answer does not say
// [observed: docs/vendors/paycor.md].
const TokenLifetime = 1800 * time.Second

// Why tokens could not be had.
const (
	// ErrNoRefreshToken means that a sign-in yielded an access token only, which ends in half an hour.
	ErrNoRefreshToken = httpx.ConstError("the sign-in gave no refresh token: the application must allow offline_access")

	errNoAccessToken = httpx.ConstError("the answer holds no access token")
	errNotTokens     = httpx.ConstError("the answer is not the expected JSON")
)

// AuthorizationURL returns the page on which an administrator signs in, reviews the access and picks
// the legal entities. State comes back with the code. The verifier stays here, for [Client.Exchange];
// only its digest travels. An empty redirectURL means that of the Config. The address holds the
// subscription key, as the vendor wants it: give it to the browser, never to a log.
func (c *Client) AuthorizationURL(state, verifier, redirectURL string) (string, error) {
	redirectURL = c.redirect(redirectURL)
	switch {
	case c.cfg.Scope == "":
		return "", errors.New("authorization URL: the scope version identifier is not set")
	case redirectURL == "":
		return "", errors.New("authorization URL: the redirect URL is not set")
	case state == "":
		return "", errors.New("authorization URL: the state is empty")
	case len(verifier) < 43 || len(verifier) > 128: // RFC 7636, 4.1
		return "", errors.New("authorization URL: the PKCE verifier must have 43 to 128 characters")
	}
	u, err := url.Parse(c.cfg.AuthorizeURL)
	if err != nil {
		return "", errors.New("authorization URL: the authorize URL is not a URL")
	}
	digest := sha256.Sum256([]byte(verifier))
	q := u.Query()
	for name, value := range map[string]string{
		"response_type":         "code",
		"client_id":             c.cfg.ClientID,
		"redirect_uri":          redirectURL,
		"scope":                 c.cfg.Scope + " offline_access",
		"subscription-key":      c.cfg.SubscriptionKey,
		"state":                 state,
		"code_challenge":        base64.RawURLEncoding.EncodeToString(digest[:]),
		"code_challenge_method": c.cfg.ChallengeMethod,
	} {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Exchange turns the code that a sign-in sent back into tokens. They are not kept: see [Client.Save].
// A code is good for one try. Errors match [oauth.ErrRefused] when the vendor does not accept the
// code, [oauth.ErrOutcomeUnknown] when the answer was lost, or [ErrNoRefreshToken].
func (c *Client) Exchange(ctx context.Context, code, verifier, redirectURL string) (oauth.Tokens, error) {
	t, err := c.form(ctx, url.Values{
		"grant_type":    {"authorization_code"},
		"client_id":     {c.cfg.ClientID},
		"client_secret": {c.cfg.ClientSecret},
		"code":          {code},
		"code_verifier": {verifier},
		"redirect_uri":  {c.redirect(redirectURL)},
	})
	if err == nil && t.Refresh == "" {
		err = ErrNoRefreshToken
	}
	if err != nil {
		return oauth.Tokens{}, fmt.Errorf("exchange code: %w", err)
	}
	return t, nil
}

// Save keeps the tokens of a sign-in, durably when it returns nil, in place of whatever was there.
func (c *Client) Save(ctx context.Context, t oauth.Tokens) error {
	if c.tokens == nil {
		return ErrNoStore
	}
	return c.tokens.Save(ctx, t)
}

// Refresh exchanges a refresh token for new tokens, once. It is what the client renews its own tokens
// with; nobody else should call it, because the token is used up. Errors match [oauth.ErrRefused]
// after 400 or 401, [oauth.ErrOutcomeUnknown] when the token may be used up, or mean that it is not. A
// refused subscription key says nothing about the token and matches [ErrSubscriptionKey] only.
func (c *Client) Refresh(ctx context.Context, refreshToken string) (oauth.Tokens, error) {
	var t oauth.Tokens
	var err error
	if c.cfg.RefreshForm == RefreshFormB {
		t, err = c.refreshB(ctx, refreshToken)
	} else {
		t, err = c.form(ctx, url.Values{
			"grant_type":    {"refresh_token"},
			"refresh_token": {refreshToken},
			"client_id":     {c.cfg.ClientID},
			"client_secret": {c.cfg.ClientSecret},
		})
	}
	if err != nil {
		return oauth.Tokens{}, fmt.Errorf("renew tokens: %w", err)
	}
	return t, nil
}

// form posts to the token endpoint. The key travels in the address there [observed]; errors show none.
func (c *Client) form(ctx context.Context, values url.Values) (oauth.Tokens, error) {
	return c.tokenCall(ctx, &httpx.Request{
		Method: http.MethodPost, Path: pathToken,
		Query:  url.Values{"subscription-key": {c.cfg.SubscriptionKey}},
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   []byte(values.Encode()),
	})
}

// refreshB is the other way to renew; camelCase names answer 400 there, a form 415 [observed].
func (c *Client) refreshB(ctx context.Context, refreshToken string) (oauth.Tokens, error) {
	body, err := json.Marshal(map[string]string{
		"refresh_token": refreshToken, "client_id": c.cfg.ClientID, "client_secret": c.cfg.ClientSecret,
	})
	if err != nil {
		return oauth.Tokens{}, errors.New("encode request")
	}
	return c.tokenCall(ctx, &httpx.Request{
		Method: http.MethodPost, Path: pathRefresh,
		Header: http.Header{"Content-Type": {"application/json"}, "Ocp-Apim-Subscription-Key": {c.cfg.SubscriptionKey}},
		Body:   body,
	})
}

// tokenCall sends a call that uses up a code or a refresh token, and says what became of it.
func (c *Client) tokenCall(ctx context.Context, req *httpx.Request) (oauth.Tokens, error) {
	started := c.cfg.Clock()
	var answer tokenAnswer
	err := c.token.Do(ctx, req, func(_ *httpx.Response, body io.Reader) error {
		answer = tokenAnswer{}
		text, err := httpx.ReadAll(body)
		if err != nil {
			return err
		}
		if json.Unmarshal(text, &answer) != nil {
			return errNotTokens
		}
		if answer.AccessToken == "" {
			return errNoAccessToken
		}
		return nil
	})
	if err == nil {
		return oauth.Tokens{
			Access: answer.AccessToken, Refresh: answer.RefreshToken,
			Expires: started.Add(lifetime(string(answer.ExpiresIn))),
		}, nil
	}
	cause, ok := errors.AsType[*httpx.Error](err)
	switch {
	case !ok:
		return oauth.Tokens{}, err
	case cause.Unknown:
		return oauth.Tokens{}, fmt.Errorf("%w: %w", oauth.ErrOutcomeUnknown, err)
	case cause.Status == http.StatusUnauthorized && cause.Detail == tokenKeyRefused:
		return oauth.Tokens{}, fmt.Errorf("%w: %w", ErrSubscriptionKey, err)
	case cause.Status == http.StatusBadRequest || cause.Status == http.StatusUnauthorized:
		return oauth.Tokens{}, fmt.Errorf("%w: %w", oauth.ErrRefused, err)
	}
	if means := kind(cause.Status); means != nil {
		err = fmt.Errorf("%w: %w", means, err)
	}
	return oauth.Tokens{}, err
}

// tokenAnswer is what the token endpoints give.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    text   `json:"expires_in"`
}

// lifetime never believes in more than the half hour that was observed.
func lifetime(expiresIn string) time.Duration {
	n, err := strconv.ParseFloat(expiresIn, 64)
	if err != nil || !(n > 0) || n > TokenLifetime.Seconds() {
		return TokenLifetime
	}
	return time.Duration(n * float64(time.Second))
}

// tokenKeyRefused marks an answer that blames the subscription key.
const tokenKeyRefused = "subscription key"

// oauthCodes are the error codes of RFC 6749, 5.2: the only words of a token endpoint that are shown.
var oauthCodes = map[string]bool{ //nolint:gochecknoglobals // a constant table
	"invalid_request": true, "invalid_client": true, "invalid_grant": true,
	"unauthorized_client": true, "unsupported_grant_type": true, "invalid_scope": true,
}

func explainToken(_ int, _ http.Header, body []byte) httpx.Facts {
	if aboutKey(body) {
		return httpx.Facts{Detail: tokenKeyRefused}
	}
	var answer struct {
		Error text `json:"error"`
	}
	if json.Unmarshal(body, &answer) == nil && oauthCodes[string(answer.Error)] {
		return httpx.Facts{Code: string(answer.Error)}
	}
	return httpx.Facts{}
}

func (c *Client) redirect(redirectURL string) string {
	if redirectURL == "" {
		return c.cfg.RedirectURL
	}
	return redirectURL
}
