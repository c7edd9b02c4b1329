package subscription

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	adaID   = "5f1c2a9e-0000-4000-8000-000000000001"
	graceID = "5f1c2a9e-0000-4000-8000-000000000002"
)

var ada = function.Caller{UserID: adaID, Username: "ada.lovelace"}

// plans has what RevenueCat says, and notes what it is asked.
type plans struct {
	mu      sync.Mutex
	plan    map[string]entitlement.Entitlement
	updated []string // user, username and event
	own     bool
	fails   error // of each call
	ownErr  error
}

func (p *plans) Refresh(_ context.Context, caller function.Caller) (entitlement.Entitlement, error) {
	return p.plan[caller.UserID], p.fails
}

func (p *plans) Update(_ context.Context, caller function.Caller, event string) (entitlement.Entitlement, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.updated = append(p.updated, caller.UserID+" "+caller.Username+" "+event)
	return p.plan[caller.UserID], p.fails
}

func (p *plans) IsOwn(context.Context, function.Caller, string) (bool, error) { return p.own, p.ownErr }

// users are accounts by their ids.
type users map[string]*tables.User

func (u users) Get(_ context.Context, userID string) (*tables.User, error) {
	if user, has := u[userID]; has {
		return user, nil
	}
	return nil, accounts.ErrNotFound
}

func (u users) Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error) {
	user, err := u.Get(ctx, userID)
	if err == nil {
		edit(user)
	}
	return user, err
}

// pool has users by their names, and notes the names that it is asked for.
type pool struct {
	ids   map[string]string
	asked []string
	fails error
}

func (p *pool) Find(_ context.Context, username string) (userpool.User, bool, error) {
	p.asked = append(p.asked, username)
	id, has := p.ids[username]
	return userpool.User{ID: id, Username: username}, has, p.fails
}

// vault is a Secrets Manager with RevenueCat's secret.
type vault struct{ value string }

func (v *vault) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(v.value), VersionId: aws.String(v.value)}, nil
}

func secretOf(header string) string {
	return `{"REVENUECAT_SECRET_KEY":"k","IOS_API_KEY":"i","ANDROID_API_KEY":"a","REVENUECAT_WEBHOOK_AUTHORIZATION":"` + header + `"}`
}

type world struct {
	*subscription
	at    time.Time
	plans *plans
	users users
	pool  *pool
	vault *vault
}

// newWorld returns a domain with the accounts of "ada" and "grace". The agreed header is
// "Bearer agreed".
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		at:    time.UnixMilli(1_800_000_000_000),
		plans: &plans{plan: map[string]entitlement.Entitlement{}, own: true},
		users: users{
			adaID:   {UserID: adaID, Username: "ada.lovelace", SubscriptionTier: "free"},
			graceID: {UserID: graceID, Username: "grace.hopper", SubscriptionTier: "premium"},
		},
		pool:  &pool{ids: map[string]string{"ada.lovelace": adaID, "grace.hopper": graceID, "erased": "5f1c2a9e-0000-4000-8000-00000000dead"}},
		vault: &vault{secretOf("Bearer agreed")},
	}
	cache := secretcache.New(w.vault, map[*secrets.Secret]string{secrets.RevenueCat: "arn"}, func() time.Time { return w.at })
	w.subscription = &subscription{plans: w.plans, accounts: w.users, pool: w.pool, secret: cache}
	return w
}
