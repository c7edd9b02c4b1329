package auth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// cognitoUser is a user of the world's pool.
type cognitoUser struct {
	userpool.User
	password  string
	signedOut bool
	disabled  bool
}

// world is everything that a sign-in with a provider uses. It counts writes. The write
// numbered diesAt happens, and its caller gets an error.
type world struct {
	identities map[string]tables.UserIdentity
	emails     map[string]accounts.Owner // an owner without an id is a claim
	users      map[string]*tables.User
	pool       map[string]*cognitoUser
	deletions  fakeDeletions
	trust      map[string]*trusted // by user id
	pending    map[string]tables.AccountRecovery
	revoked    []string
	recorded   []securityevents.Kind
	outbox     emailtest.Outbox
	unrecorded error

	writes, diesAt, made int
}

// trusted has what opens an account besides identities and sessions.
type trusted struct{ pins, devices int }

var errDied = errors.New("the environment died")

func newWorld() *world {
	return &world{
		identities: map[string]tables.UserIdentity{}, emails: map[string]accounts.Owner{},
		users: map[string]*tables.User{}, pool: map[string]*cognitoUser{}, deletions: fakeDeletions{},
		trust: map[string]*trusted{}, pending: map[string]tables.AccountRecovery{},
	}
}

// register registers a user with a password.
func (w *world) register(username, address string, confirmed bool) {
	userID := "id of " + username
	w.pool[username] = &cognitoUser{User: userpool.User{ID: userID, Email: address, Unconfirmed: !confirmed}, password: "the registrant's"}
	w.emails[strings.ToLower(address)] = accounts.Owner{UserID: userID, Username: username}
	w.trust[userID] = &trusted{pins: 1, devices: 20}
	w.users[userID] = &tables.User{
		UserID: userID, Username: username, Email: tables.EncryptedString(address), GivenName: "Typed", FamilyName: "In", Name: "Typed In",
		Birthdate: "12/10/1985", PhoneNumber: "+442079460000", MarketingConsent: true, SubscriptionTier: "free", CreatedAt: 1, UpdatedAt: 1,
	}
}

func (w *world) social() *social {
	return &social{
		pool: worldPool{w}, identities: worldIdentities{w}, emails: worldEmails{w}, accounts: worldAccounts{w},
		deletions: w.deletions, signIns: fakeSignInRecorder(w), recoverer: w.recoverer(),
	}
}

func (w *world) recoverer() recoverer {
	return recoverer{
		steps: worldRecoveries{w}, events: w, sender: &w.outbox,
		now: func() time.Time { return time.Now().Truncate(time.Second).Add(time.Second - time.Millisecond) }, // nextSecond is near
	}
}

// schedule returns the schedule that finishes recoveries.
func (w *world) schedule() *recoveries {
	return &recoveries{recoverer: w.recoverer(), queue: worldRecoveries{w}, pool: worldPool{w}, emails: fakeEmails{}}
}

func (w *world) write() error {
	if w.writes++; w.writes == w.diesAt {
		return errDied
	}
	return nil
}

func (w *world) Record(_ context.Context, event securityevents.Event) error {
	if w.unrecorded != nil && (event.Kind == securityevents.AccountLinked || event.Kind == securityevents.IdentityUnlinked) {
		return w.unrecorded
	}
	w.recorded = append(w.recorded, event.Kind)
	return w.write()
}

type worldPool struct{ *world }

func (w worldPool) SignInWithTicket(_ context.Context, username string) (userpool.Tokens, error) {
	user, found := w.pool[username]
	if !found || user.Unconfirmed || user.disabled {
		return userpool.Tokens{}, userpool.ErrSignInNotAllowed
	}
	return tokensFor(user.ID), nil
}

// Find finds users by name and by id.
func (w worldPool) Find(_ context.Context, username string) (userpool.User, bool, error) {
	if user, found := w.pool[strings.TrimPrefix(username, "id of ")]; found {
		return user.User, true, nil
	}
	return userpool.User{}, false, nil
}

func (w worldPool) SetRandomPassword(_ context.Context, username string) error {
	w.pool[strings.TrimPrefix(username, "id of ")].password = "nobody's"
	return w.write()
}

func (w worldPool) CreateUser(_ context.Context, username, address string) (string, error) {
	if _, exists := w.pool[username]; !exists {
		w.made++
		w.pool[username] = &cognitoUser{User: userpool.User{ID: "id of " + username, Email: address}}
		if err := w.write(); err != nil {
			return "", err
		}
	}
	w.pool[username].password = "nobody's"
	return w.pool[username].ID, w.write()
}

func (w worldPool) ConfirmByProvider(_ context.Context, username string) error {
	user := w.pool[username]
	user.password, user.Unconfirmed = "nobody's", false
	return w.write()
}

// worldRecoveries changes the world as recovery.Recoveries changes tables.
type worldRecoveries struct{ *world }

func (w worldRecoveries) Start(_ context.Context, entry tables.AccountRecovery) (tables.AccountRecovery, error) {
	entry.ID, entry.StartedAt = fmt.Sprint(entry.UserID, "#", w.writes), int64(w.writes+1)
	w.pending[entry.ID] = entry
	return entry, w.write()
}

func (w worldRecoveries) Pending(context.Context) ([]tables.AccountRecovery, error) {
	return slices.Collect(maps.Values(w.pending)), nil
}

func (w worldRecoveries) Account(_ context.Context, userID string) (recovery.Account, error) {
	user, found := w.users[userID]
	if !found {
		return recovery.Account{}, recovery.ErrNoAccount
	}
	return recovery.Account{UserID: userID, OwnerProven: user.OwnerProven, RecoveredAt: user.RecoveredAt, Identities: user.Identities}, nil
}

func (w worldRecoveries) End(ctx context.Context, entry *tables.AccountRecovery) error {
	account, err := w.Account(ctx, entry.UserID)
	if err == nil && account.Superseded(*entry) {
		err = recovery.ErrSuperseded
	}
	if err != nil {
		return err
	}
	user, trust := w.users[entry.UserID], w.trust[entry.UserID]
	if trust != nil {
		entry.PINs, entry.Devices = max(entry.PINs, trust.pins), max(entry.Devices, trust.devices)
	}
	user.OwnerProven, user.RecoveredAt = user.OwnerProven || entry.Proven, entry.StartedAt
	user.Identities = slices.DeleteFunc(slices.Clone(user.Identities), func(id string) bool {
		if w.identities[id].Authoritative {
			return false
		}
		entry.Providers = append(entry.Providers, w.identities[id].Provider)
		delete(w.identities, id)
		return true
	})
	w.pending[entry.ID] = *entry
	if err := w.write(); err != nil {
		return err
	}
	w.revoked, w.pool[user.Username].signedOut = append(w.revoked, entry.UserID), true
	if err := w.write(); err != nil {
		return err
	}
	delete(w.trust, entry.UserID)
	entry.EndedAt = 1
	w.pending[entry.ID] = *entry
	return w.write()
}

func (w worldRecoveries) Finish(_ context.Context, entry tables.AccountRecovery) error {
	delete(w.pending, entry.ID)
	return w.write()
}

func (w worldRecoveries) Unlink(_ context.Context, userID, provider string) (int, error) {
	user, before := w.users[userID], len(w.users[userID].Identities)
	user.Identities = slices.DeleteFunc(user.Identities, func(id string) bool { return w.identities[id].Provider == provider })
	w.revoked = append(w.revoked, userID)
	return before - len(user.Identities), nil
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

func (w worldIdentities) Complete(_ context.Context, of accounts.Identity, _ accounts.EmailClaim, user tables.User) error {
	id := of.ID
	address := strings.ToLower(string(user.Email))
	if w.identities[id].UserID != "" || w.users[user.UserID] != nil || w.emails[address].Username != user.Username {
		return accounts.ErrIdentityTaken
	}
	user.Identities = []string{id}
	owner := accounts.Owner{UserID: user.UserID, Username: user.Username}
	w.users[user.UserID], w.emails[address] = &user, owner
	w.identities[id] = tables.UserIdentity{ID: id, UserID: owner.UserID, Username: owner.Username, Provider: of.Provider, Authoritative: of.Authoritative}
	return w.write()
}

func (w worldIdentities) Link(_ context.Context, of accounts.Identity, to accounts.Owner) error {
	id := of.ID
	if w.identities[id].UserID != "" && w.identities[id].UserID != to.UserID || w.users[to.UserID] == nil {
		return accounts.ErrIdentityTaken
	}
	w.identities[id] = tables.UserIdentity{ID: id, UserID: to.UserID, Username: to.Username, Provider: of.Provider, Authoritative: of.Authoritative}
	if !slices.Contains(w.users[to.UserID].Identities, id) {
		w.users[to.UserID].Identities = append(w.users[to.UserID].Identities, id)
	}
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

// byApple is Ada, of whom Apple says this address, which Apple hosts.
func byApple(address string) providerIdentity {
	return providerIdentity{provider: emailtemplates.Apple, subject: "001", email: address, authoritative: address != "", givenName: "Ada", familyName: "Lovelace"}
}

// byGoogle is a Google Account with an address that Google verified once and does not
// host.
func byGoogle(address string) providerIdentity {
	return providerIdentity{provider: emailtemplates.Google, subject: "666", email: address}
}
