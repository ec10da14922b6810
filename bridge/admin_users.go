package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// secretNames is where the names of the Spark Hire users behind the keys are kept,
// by linked user: they are personal data that nothing searches for.
const secretNames = "spark_hire_users" //nolint:gosec // a name, not a secret

// SaveUser creates or changes a linked user of a connection: ID says which, Name,
// Email and TimeZone are replaced. A nil key keeps the present one, an empty key
// takes it away; any other must be accepted by Spark Hire, else it is refused with
// [ats.CodeInvalidKey] and nothing changes. Interviews that the user has started go
// on under the new key.
//
// Where the connection uses Spark Hire's API v2 there are no keys: the e-mail address
// links the user, Spark Hire must know it, and an empty key takes the link away.
func (b *Bridge) SaveUser(ctx context.Context, connectionID string, u ats.User, key *ats.Secret, by ats.User) (ats.User, error) {
	if u.ID == "" {
		return ats.User{}, fmt.Errorf("save user of connection %s: the user has no id: %w", connectionID, ats.ErrInvalid)
	}
	if u.TimeZone != "" {
		if _, err := ats.LoadZone(u.TimeZone); err != nil {
			return ats.User{}, err
		}
	}
	u.Email = strings.TrimSpace(u.Email)
	if a, err := mail.ParseAddress(u.Email); u.Email != "" && (err != nil || a.Address != u.Email) {
		return ats.User{}, ats.Refuse(codeEmailInvalid, "email", "This is no e-mail address. Correct it, or leave it out.")
	}
	c, err := b.ConnectionByID(ctx, connectionID)
	if err != nil {
		return ats.User{}, err
	}
	if err := b.checkUserChange(b.connectionSeen(c), by, u.ID); err != nil {
		return ats.User{}, err
	}
	if !c.Connected { // before Spark Hire is asked
		return ats.User{}, refuseDisconnected()
	}
	if c.APIVersion == apiV2 {
		if key, err = b.requesterKey(ctx, c, u, key); err != nil {
			return ats.User{}, err
		}
	}
	owner := ""
	if key != nil && !key.IsZero() && c.APIVersion != apiV2 {
		if owner, err = b.checkKey(ctx, *key, "api_key"); err != nil {
			return ats.User{}, err
		}
	}
	saved, err := b.changeKeys(ctx, connectionID, by, "save user "+u.ID, func(ctx context.Context, tx store.Tx, c *store.Connection) error {
		at := slices.IndexFunc(c.Users, func(present store.User) bool { return present.ID == u.ID })
		if at < 0 {
			at = len(c.Users)
			c.Users = append(c.Users, store.User{ID: u.ID})
		}
		row := &c.Users[at]
		row.Name, row.Email, row.TimeZone = u.Name, u.Email, u.TimeZone
		if key == nil {
			return nil
		}
		b.setKey(row, c.ID, *key)
		if err := b.keepPrimaryUser(c, u.ID); err != nil {
			return err
		}
		return b.saveOwner(ctx, tx, c.ID, u.ID, owner)
	})
	if err != nil {
		return ats.User{}, err
	}
	got, _ := b.connectionSeen(saved).User(u.ID)
	return got, nil
}

// requesterKey returns what stands for the user's key on API v2; key is what the
// caller gave for one. A user's link that stays as it is is not checked again.
func (b *Bridge) requesterKey(ctx context.Context, c store.Connection, u ats.User, key *ats.Secret) (*ats.Secret, error) {
	if key != nil && key.IsZero() {
		return key, nil
	}
	if key != nil {
		return nil, ats.Refuse(codeUnsupported, "api_key", "Users of Spark Hire's API v2 have no keys. Leave it out: the e-mail address says who acts.")
	}
	if u.Email == "" {
		return nil, ats.Refuse(codeEmailRequired, "email", "Spark Hire's API v2 knows users by their e-mail address. Give the one that this person has there.")
	}
	client, err := b.meetAccount(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	own := client.key(u.Email)
	if slices.ContainsFunc(c.Users, func(present store.User) bool {
		return present.ID == u.ID && present.Credential == b.credentialOf(own)
	}) {
		return &own, nil
	}
	return &own, b.checkRequester(ctx, own, "email", "this person")
}

// RemoveUser removes a linked user with the key. What the user asked for and has
// not been sent fails; what was sent is followed with the organization's key. An
// unknown user matches [ats.ErrNotFound].
func (b *Bridge) RemoveUser(ctx context.Context, connectionID, userID string, by ats.User) error {
	c, err := b.ConnectionByID(ctx, connectionID)
	if err != nil {
		return err
	}
	if err := b.checkUserChange(b.connectionSeen(c), by, userID); err != nil {
		return err
	}
	_, err = b.changeKeys(ctx, connectionID, by, "remove user "+userID, func(ctx context.Context, tx store.Tx, c *store.Connection) error {
		at := slices.IndexFunc(c.Users, func(u store.User) bool { return u.ID == userID })
		if at < 0 {
			return fmt.Errorf("user %s: %w", userID, ats.ErrNotFound)
		}
		if err := b.dropKept(ctx, tx, c.ID, userID); err != nil {
			return err
		}
		c.Users = slices.Delete(c.Users, at, at+1)
		if err := b.keepPrimaryUser(c, userID); err != nil {
			return err
		}
		return b.saveOwner(ctx, tx, c.ID, userID, "")
	})
	return err
}

// keepPrimaryUser looks after the primary user when a user has lost the key: where
// one is needed it must be replaced first, elsewhere there is none any more.
func (b *Bridge) keepPrimaryUser(c *store.Connection, changed string) error {
	if c.PrimaryUser != changed || linked(*c, changed) {
		return nil
	}
	if b.rulesOf(*c).PrimaryUser == ats.Required {
		return ats.Refuse(ats.CodePrimaryUserRequired, "", "This is the primary user. Name another one first.")
	}
	c.PrimaryUser = ""
	return nil
}

// SparkHireUsers returns the names of the Spark Hire users behind the keys, by
// linked user, as Spark Hire told them when the key was saved. Users whose key came
// in an activation have none.
func (b *Bridge) SparkHireUsers(ctx context.Context, connectionID string) (map[string]string, error) {
	sealed, err := b.store.GetSecret(ctx, connectionID, secretNames)
	return b.openNames(connectionID, sealed, err)
}

func (b *Bridge) saveOwner(ctx context.Context, tx store.Tx, connectionID, userID, owner string) error {
	sealed, err := tx.Secret(ctx, connectionID, secretNames)
	names, err := b.openNames(connectionID, sealed, err)
	if err != nil {
		return err
	}
	if names[userID] == owner {
		return nil
	}
	names[userID] = owner
	if owner == "" {
		delete(names, userID)
	}
	text, err := json.Marshal(names)
	if err != nil {
		return fmt.Errorf("names of Spark Hire users: %w", err)
	}
	return b.saveSecret(ctx, tx, connectionID, secretNames, ats.Secret(text))
}

func (b *Bridge) openNames(connectionID string, sealed []byte, err error) (map[string]string, error) {
	names := map[string]string{}
	if errors.Is(err, ats.ErrNotFound) {
		return names, nil
	}
	if err != nil {
		return nil, fmt.Errorf("names of Spark Hire users: %w", err)
	}
	text, err := secretStore{b, connectionID}.open(secretNames, sealed)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text.Reveal()), &names); err != nil {
		return nil, errors.New("names of Spark Hire users: the stored text is damaged")
	}
	return names, nil
}

// SparkHireJobs returns the active Spark Hire jobs that a linked user sees; without
// a user those that the organization's key sees, or the primary user's. A user
// without a key is refused with [ats.CodeUserNotLinked], a key that Spark Hire does
// not accept any more with [ats.CodeInvalidKey].
func (b *Bridge) SparkHireJobs(ctx context.Context, connectionID, userID string) ([]ats.Option, error) {
	return b.listWith(ctx, connectionID, userID, b.Lookup().Jobs)
}

// SparkHireQuestionSets returns the question sets likewise.
func (b *Bridge) SparkHireQuestionSets(ctx context.Context, connectionID, userID string) ([]ats.Option, error) {
	return b.listWith(ctx, connectionID, userID, b.Lookup().QuestionSets)
}

func (b *Bridge) listWith(ctx context.Context, connectionID, userID string, list func(context.Context, ats.Secret) ([]ats.Option, error)) ([]ats.Option, error) {
	c, err := b.ConnectionByID(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	if !c.Connected {
		return nil, refuseDisconnected()
	}
	credential := generalCredential(c)
	if userID == "" && credential == "" {
		userID = c.PrimaryUser
	}
	if userID != "" {
		at := slices.IndexFunc(c.Users, func(u store.User) bool { return u.ID == userID })
		if at < 0 || c.Users[at].Credential == "" {
			return nil, ats.Refuse(ats.CodeUserNotLinked, "user", "This user has no Spark Hire key in the integration's settings.")
		}
		credential = c.Users[at].Credential
	}
	if credential == "" {
		return nil, ats.Refuse(ats.CodeUserNotLinked, "user", "The connection has no Spark Hire key of its own: name a linked user.")
	}
	key, err := b.key(ctx, credential)
	if err != nil {
		return nil, err
	}
	options, err := list(ctx, key)
	if errors.Is(err, ats.ErrUnauthorized) || errors.Is(err, ats.ErrForbidden) {
		return nil, ats.Refuse(ats.CodeInvalidKey, "user", "Spark Hire does not accept this key any more. An administrator can replace it.")
	}
	if err != nil {
		return nil, fmt.Errorf("list of connection %s: %w", connectionID, err)
	}
	return options, nil
}
