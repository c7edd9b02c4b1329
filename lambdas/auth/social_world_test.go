package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/mails"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// cognitoUser is a user of the world's pool.
type cognitoUser struct {
	poolUser
	password  string
	signedOut bool
	disabled  bool
}

// world is all that a sign-in with a provider touches. Writes are counted; the one
// numbered diesAt happens, and whoever asked for it dies before hearing so.
type world struct {
	identities map[string]tables.UserIdentity
	emails     map[string]accounts.Owner // an owner without an id is a claim
	users      map[string]*tables.User
	pool       map[string]*cognitoUser
	deletions  fakeDeletions
	revoked    []string
	recorded   []securityevents.Kind
	outbox     emailtest.Outbox
	unrecorded error

	writes, diesAt, made int
}

var errDied = errors.New("the environment died")

func newWorld() *world {
	return &world{
		identities: map[string]tables.UserIdentity{}, emails: map[string]accounts.Owner{},
		users: map[string]*tables.User{}, pool: map[string]*cognitoUser{}, deletions: fakeDeletions{},
	}
}

// register has somebody register with a password.
func (w *world) register(username, address string, confirmed bool) {
	userID := "id of " + username
	w.pool[username] = &cognitoUser{poolUser: poolUser{ID: userID, Email: address, Unconfirmed: !confirmed}, password: "the registrant's"}
	w.emails[strings.ToLower(address)] = accounts.Owner{UserID: userID, Username: username}
	w.users[userID] = &tables.User{
		UserID: userID, Username: username, Email: tables.Private(address), GivenName: "Typed", FamilyName: "In", Name: "Typed In",
		Birthdate: "12/10/1985", PhoneNumber: "+442079460000", MarketingConsent: true, SubscriptionTier: "free", CreatedAt: 1, UpdatedAt: 1,
	}
}

func (w *world) social() *social {
	return &social{
		pool: worldPool{w}, identities: worldIdentities{w}, emails: worldEmails{w}, accounts: worldAccounts{w},
		deletions: w.deletions, sessions: w, arrivals: fakeArrivals(w), events: w, sender: &w.outbox,
		now: func() time.Time { return time.Now().Truncate(time.Second).Add(time.Second - time.Millisecond) }, // nextSecond is near
	}
}

func (w *world) write() error {
	if w.writes++; w.writes == w.diesAt {
		return errDied
	}
	return nil
}

func (w *world) Everything(_ context.Context, userID, _ string) error {
	w.revoked = append(w.revoked, userID)
	return w.write()
}

func (w *world) Record(_ context.Context, event securityevents.Event) error {
	if w.unrecorded != nil && event.Kind == securityevents.AccountLinked {
		return w.unrecorded
	}
	w.recorded = append(w.recorded, event.Kind)
	return w.write()
}

type worldPool struct{ *world }

func (w worldPool) SignInWithTicket(_ context.Context, username string) (tokens, error) {
	user, found := w.pool[username]
	if !found || user.Unconfirmed || user.disabled {
		return tokens{}, errClosed
	}
	return tokensFor(user.ID), nil
}

func (w worldPool) Find(_ context.Context, username string) (poolUser, bool, error) {
	if user, found := w.pool[username]; found {
		return user.poolUser, true, nil
	}
	return poolUser{}, false, nil
}

func (w worldPool) Create(_ context.Context, username, address string) (string, error) {
	if _, exists := w.pool[username]; !exists {
		w.made++
		w.pool[username] = &cognitoUser{poolUser: poolUser{ID: "id of " + username, Email: address}}
		if err := w.write(); err != nil {
			return "", err
		}
	}
	w.pool[username].password = "nobody's"
	return w.pool[username].ID, w.write()
}

func (w worldPool) Adopt(_ context.Context, username string) error {
	user := w.pool[username]
	user.password, user.Unconfirmed = "nobody's", false
	if err := w.write(); err != nil {
		return err
	}
	user.signedOut = true
	return w.write()
}

type worldIdentities struct{ *world }

func (worldIdentities) ID(_ context.Context, provider, subject string) (string, error) {
	return provider + ":" + subject, nil
}

func (w worldIdentities) Owner(_ context.Context, id string) (accounts.Owner, bool, error) {
	item := w.identities[id]
	return accounts.Owner{UserID: item.UserID, Username: item.Username}, item.UserID != "", nil
}

func (w worldIdentities) Begin(_ context.Context, id, emailHash, prefix string) (string, error) {
	item := w.identities[id]
	if item.UserID != "" {
		return "", accounts.ErrIdentityTaken
	}
	if item.EmailHash != emailHash {
		item = tables.UserIdentity{ID: id, EmailHash: emailHash, Username: prefix + "-" + emailHash}
		w.identities[id] = item
		return item.Username, w.write()
	}
	return item.Username, nil
}

func (w worldIdentities) Complete(_ context.Context, id string, _ accounts.EmailClaim, user tables.User) error {
	address := strings.ToLower(string(user.Email))
	if w.identities[id].UserID != "" || w.users[user.UserID] != nil || w.emails[address].Username != user.Username {
		return accounts.ErrIdentityTaken
	}
	user.Identities = []string{id}
	owner := accounts.Owner{UserID: user.UserID, Username: user.Username}
	w.users[user.UserID], w.emails[address] = &user, owner
	w.identities[id] = tables.UserIdentity{ID: id, UserID: owner.UserID, Username: owner.Username}
	return w.write()
}

func (w worldIdentities) Link(_ context.Context, id string, to accounts.Owner) error {
	if w.identities[id].UserID != "" || w.users[to.UserID] == nil {
		return accounts.ErrIdentityTaken
	}
	w.identities[id] = tables.UserIdentity{ID: id, UserID: to.UserID, Username: to.Username}
	w.users[to.UserID].Identities = append(w.users[to.UserID].Identities, id)
	return w.write()
}

func (w worldIdentities) Forget(_ context.Context, id, userID string) error {
	if w.identities[id].UserID == userID {
		delete(w.identities, id)
	}
	return w.write()
}

type worldEmails struct{ *world }

func (worldEmails) Hash(_ context.Context, address string) (string, error) { return address, nil }

func (w worldEmails) Owner(_ context.Context, address string) (accounts.Owner, bool, error) {
	owner := w.emails[strings.ToLower(address)]
	return owner, owner.UserID != "", nil
}

func (w worldEmails) Reclaim(_ context.Context, address, username string) (accounts.EmailClaim, error) {
	if owner, taken := w.emails[strings.ToLower(address)]; taken && (owner.UserID != "" || owner.Username != username) {
		return accounts.EmailClaim{}, accounts.ErrEmailTaken
	}
	w.emails[strings.ToLower(address)] = accounts.Owner{Username: username}
	return accounts.EmailClaim{}, w.write()
}

type worldAccounts struct{ *world }

func (w worldAccounts) Get(_ context.Context, userID string) (*tables.User, error) {
	if user, found := w.users[userID]; found {
		return user, nil
	}
	return nil, accounts.ErrNotFound
}

func (w worldAccounts) SignedIn(ctx context.Context, userID string) (*tables.User, error) {
	return w.Get(ctx, userID)
}

func (w worldAccounts) Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error) {
	user, err := w.Get(ctx, userID)
	if err != nil {
		return nil, err
	}
	edit(user)
	return user, w.write()
}

// byApple is Ada, of whom Apple says this address.
func byApple(address string) proof {
	return proof{provider: mails.Apple, subject: "001", email: address, givenName: "Ada", familyName: "Lovelace"}
}
