package auth

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/appleid"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// socialLimits are the limits of a source IP. Users sign in with a provider about once
// a month, and many of them share the IP of a carrier.
var socialLimits = function.Limits(
	function.Limit{Requests: 20, Per: time.Minute}, function.Limit{Requests: 300, Per: 24 * time.Hour},
)

// socialPermissions returns the permissions to sign in users of a provider.
func socialPermissions(provider function.Service, more ...*secrets.Secret) function.Permissions {
	return function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem, tables.PutItem, tables.UpdateItem),
			tables.UserEmails.Allow(tables.GetItem, tables.PutItem, tables.UpdateItem),
			tables.UserIdentities.Allow(tables.GetItem, tables.PutItem, tables.UpdateItem, tables.DeleteItem),
			tables.AccountDeletions.Allow(tables.GetItem),
			tables.SecurityEvents.Allow(tables.PutItem),
			signins.RecordGrant,
		},
		Keys: []function.KeyGrant{
			function.FieldKey.AllowFor(tables.Users, function.GenerateDataKey, function.Decrypt),
			function.LookupKey.Allow(function.GenerateMac),
		},
		Secrets: append([]*secrets.Secret{secrets.JWT}, more...),
		UserPool: []function.UserPoolOperation{
			function.AdminInitiateAuth, function.AdminRespondToAuthChallenge,
			function.AdminGetUser, function.AdminCreateUser, function.AdminSetUserPassword,
			function.AdminUpdateUserAttributes, function.AdminConfirmSignUp,
		},
		UserPoolClient: true,
		SendEmail:      true,
		External:       []function.Service{provider},
	}.And(recovery.Permissions())
}

func newSocial(resources *function.Resources) *social {
	pool := userpool.OpenWithTickets(resources)
	return &social{
		pool:       pool,
		identities: accounts.OpenIdentities(resources),
		emails:     accounts.OpenEmails(resources),
		accounts:   accounts.Open(resources),
		deletions:  accounts.OpenDeletions(resources),
		signIns:    openSignInRecorder(resources),
		recoverer:  recoverer{steps: recovery.Open(resources, pool), events: securityevents.Open(resources), sender: email.Open(resources), now: time.Now},
	}
}

// openApple returns the client of Apple for a function that declares the secret
// "apple". The secret is read at its first use, because a stage may work without Apple.
func openApple(resources *function.Resources) (*appleid.Client, error) {
	cache := secretcache.OpenLazy(resources, secrets.Apple)
	return appleid.New(appleid.Config{
		BaseURL:     resources.BaseURL(function.Apple),
		Middleware:  []external.Middleware{resources.Transport},
		Credentials: appleCredentials(cache),
	})
}

// appleCredentials returns a function that reads the credentials. A later call means
// that Apple rejected the credentials of the previous one.
func appleCredentials(cache *secretcache.Cache) func(context.Context) (appleid.Credentials, error) {
	var last secretcache.Value
	return func(ctx context.Context) (appleid.Credentials, error) {
		if last.Reveal() != "" {
			cache.RefreshRejected(ctx, secrets.ApplePrivateKey, last)
		}
		values := map[secrets.Key]string{}
		for _, key := range []secrets.Key{secrets.AppleTeamID, secrets.AppleKeyID, secrets.ApplePrivateKey, secrets.AppleClientID, secrets.AppleServiceID} {
			value, err := cache.Get(ctx, key)
			if err != nil {
				return appleid.Credentials{}, err
			}
			if key == secrets.ApplePrivateKey {
				last = value
			}
			values[key] = value.Reveal()
		}
		return appleid.Credentials{
			TeamID:     values[secrets.AppleTeamID],
			KeyID:      values[secrets.AppleKeyID],
			PrivateKey: values[secrets.ApplePrivateKey],
			ClientIDs:  []string{values[secrets.AppleClientID], values[secrets.AppleServiceID]},
		}, nil
	}
}
