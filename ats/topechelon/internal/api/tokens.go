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
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// ConsentURL returns the page on which the user allows the integration. State comes
// back with the code; verifier is used with [Config].PKCE only (RFC 7636) and the
// same one belongs into [Client.Exchange]. Nothing is sent. Without an authorize URL
// the error is [ErrNoConsentPage].
func (c *Client) ConsentURL(state, verifier string) (string, error) {
	if c.cfg.AuthorizeURL == "" {
		return "", ErrNoConsentPage
	}
	if state == "" {
		return "", argument("state", "must not be empty")
	}
	u, err := url.Parse(c.cfg.AuthorizeURL)
	if err != nil {
		return "", fmt.Errorf("consent page: %w", errors.New("authorize URL is not a URL"))
	}
	q := u.Query()
	q.Set("client_id", c.cfg.ClientID)
	q.Set("redirect_uri", c.cfg.RedirectURL)
	q.Set("response_type", "code")
	q.Set("state", state)
	if c.cfg.Scope != "" {
		q.Set("scope", c.cfg.Scope)
	}
	if c.cfg.PKCE {
		if err := checkVerifier(verifier); err != nil {
			return "", err
		}
		sum := sha256.Sum256([]byte(verifier))
		q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		q.Set("code_challenge_method", "S256")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Exchange turns the code that came back into tokens and keeps them, durably when it
// returns nil, in place of the user's former ones. A code works once. One that is not
// accepted matches [ErrUnauthorized], an integration that is not accepted matches
// [ErrClient], and in both cases what was kept before stays.
func (c *Client) Exchange(ctx context.Context, code, verifier string) error {
	if code == "" {
		return argument("code", "must not be empty")
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}}
	if c.cfg.PKCE {
		if err := checkVerifier(verifier); err != nil {
			return err
		}
		form.Set("code_verifier", verifier)
	}
	tokens, err := c.token(ctx, form)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if tokens.Refresh == "" {
		return fmt.Errorf("sign in: %w", errNoTokens)
	}
	if err := c.source.Save(ctx, tokens); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// refresh is the [oauth.Refresh] of the user.
func (c *Client) refresh(ctx context.Context, refreshToken string) (oauth.Tokens, error) {
	tokens, err := c.token(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}})
	switch {
	case err == nil:
		return tokens, nil
	case errors.Is(err, ErrUnauthorized):
		return oauth.Tokens{}, errors.Join(oauth.ErrRefused, err)
	case OutcomeUnknown(err):
		return oauth.Tokens{}, errors.Join(oauth.ErrOutcomeUnknown, err)
	}
	return oauth.Tokens{}, err
}

// token asks the token endpoint [observed: docs/vendors/topechelon.md].
func (c *Client) token(ctx context.Context, form url.Values) (oauth.Tokens, error) {
	form.Set("client_id", c.cfg.ClientID)
	form.Set("client_secret", c.cfg.ClientSecret)
	form.Set("redirect_uri", c.cfg.RedirectURL)
	req := &httpx.Request{
		Method: http.MethodPost,
		Path:   c.tokenPath,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   []byte(form.Encode()),
		Once:   true,
	}
	var tokens oauth.Tokens
	err := c.tokens.Do(ctx, req, func(_ *httpx.Response, body io.Reader) error {
		text, err := httpx.ReadAll(body)
		if err != nil {
			return err
		}
		tokens, err = decodeTokens(text, c.cfg.Clock())
		return err
	})
	if err != nil {
		return oauth.Tokens{}, refusedToken(convert(err))
	}
	return tokens, nil
}

// refusedToken tells a refusal of the code or the refresh token, which concerns one
// user, from one of the integration, which concerns all. The codes are those of RFC
// 6749, 5.2; a refusal without one counts as the user's
// [assumed: docs/vendors/topechelon.md].
func refusedToken(err error) error {
	var e *APIError
	if !errors.As(err, &e) || e.Status != http.StatusBadRequest && e.Status != http.StatusUnauthorized {
		return err
	}
	switch e.Code {
	case "invalid_grant", "":
		e.kind = ErrUnauthorized
	default:
		e.kind = ErrClient
	}
	return e
}

// explainOAuth reads the code of a refusal, the one word in it that is safe to show.
func explainOAuth(_ int, _ http.Header, body []byte) httpx.Facts {
	facts := httpx.Facts{Detail: string(body)}
	var refusal struct {
		Error text `json:"error"`
	}
	if json.Unmarshal(body, &refusal) == nil && isCode(string(refusal.Error)) {
		facts.Code = string(refusal.Error)
	}
	return facts
}

func isCode(word string) bool {
	return word != "" && len(word) <= 40 && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_") == ""
}

const (
	errNoTokens = httpx.ConstError("the answer holds no tokens")

	// defaultLifetime is that of a token whose answer does not tell, shortestLifetime
	// what is believed at least: a 401 corrects it, and a token that counted as ended
	// from the start would be renewed without end.
	// [assumed: docs/vendors/topechelon.md]
	defaultLifetime  = time.Hour
	shortestLifetime = 2 * time.Minute
)

// decodeTokens reads an answer of the token endpoint. A token ends at created_at plus
// expires_in; without created_at, counting from now.
func decodeTokens(answer []byte, now time.Time) (oauth.Tokens, error) {
	var a struct {
		Access    text    `json:"access_token"`
		Refresh   text    `json:"refresh_token"`
		ExpiresIn seconds `json:"expires_in"`
		CreatedAt seconds `json:"created_at"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return oauth.Tokens{}, err
	}
	if !isToken(string(a.Access)) || a.Refresh != "" && !isToken(string(a.Refresh)) {
		return oauth.Tokens{}, errNoTokens
	}
	start, life := now, defaultLifetime
	if a.CreatedAt > 0 {
		start = time.Unix(int64(a.CreatedAt), 0)
	}
	if a.ExpiresIn > 0 {
		life = time.Duration(a.ExpiresIn) * time.Second
	}
	end := start.Add(life)
	if earliest := now.Add(shortestLifetime); end.Before(earliest) {
		end = earliest
	}
	return oauth.Tokens{Access: string(a.Access), Refresh: string(a.Refresh), Expires: end.UTC()}, nil
}

// isToken says that a text can stand in a header.
func isToken(text string) bool {
	return text != "" && len(text) <= 8<<10 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// checkVerifier is RFC 7636, 4.1.
func checkVerifier(v string) error {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	if len(v) < 43 || len(v) > 128 || strings.Trim(v, allowed) != "" {
		return argument("verifier", "must have 43 to 128 letters, digits, dashes, dots, underscores or tildes")
	}
	return nil
}

func argument(name, reason string) *ArgumentError { return &ArgumentError{Name: name, Reason: reason} }

// maxSeconds is in the year 9999, the last that a stored time can hold.
const maxSeconds = 253402300799 - 10*365*24*3600

// seconds is a number of seconds, as a number or a string; zero for anything that is
// none.
type seconds int64

// UnmarshalJSON never fails: a strange time is no reason to lose tokens.
func (s *seconds) UnmarshalJSON(b []byte) error {
	*s = 0
	if f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64); err == nil && f > 0 && f <= maxSeconds {
		*s = seconds(f)
	}
	return nil
}
