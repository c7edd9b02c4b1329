package entitlement

import (
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/revenuecat"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Permissions are what a function needs that opens a Reader.
var Permissions = function.Permissions{
	Tables:   []tables.Grant{tables.Entitlements.Allow(tables.GetItem, tables.PutItem)},
	Secrets:  []*secrets.Secret{secrets.RevenueCat},
	External: []function.Service{function.RevenueCat},
	Settings: []function.Setting{function.RevenueCatProject, function.RevenueCatEntitlement},
}

// Open returns the reader of a function that has Permissions. RevenueCat's key is read
// when it is first needed: without it the function starts, and users have the plan that
// is known last.
func Open(env *function.Resources) (*Reader, error) {
	project, err := only(env, function.RevenueCatProject)
	if err != nil {
		return nil, err
	}
	premium, err := only(env, function.RevenueCatEntitlement)
	if err != nil {
		return nil, err
	}
	client, err := revenuecat.New(revenuecat.Config{
		ProjectID:  project,
		Key:        secretcache.OpenLazy(env, secrets.RevenueCat).Reader(secrets.RevenueCatSecretKey),
		BaseURL:    env.BaseURL(function.RevenueCat),
		Middleware: []external.Middleware{env.Transport},
	})
	if err != nil {
		return nil, err
	}
	return &Reader{
		known: store.Open[tables.Entitlement](env, tables.Entitlements), customers: client, premium: premium,
		// The monotonic part stands still while Lambda has the environment frozen.
		now: func() time.Time { return time.Now().Round(0) },
	}, nil
}

// only returns the value of a setting that has one.
func only(env *function.Resources, setting function.Setting) (string, error) {
	values := env.Setting(setting)
	if len(values) != 1 {
		return "", fmt.Errorf("the setting %s has %d values, not one", setting, len(values))
	}
	return values[0], nil
}
