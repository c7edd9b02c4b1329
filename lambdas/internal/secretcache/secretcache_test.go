package secretcache_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// vault is a Secrets Manager with a clock that tests move.
type vault struct {
	*awsfake.SecretsManager
	at time.Time
}

func newVault() *vault {
	v := &vault{at: time.Unix(1_800_000_000, 0)}
	v.SecretsManager = awsfake.NewSecretsManager(v.now)
	v.Put("arn:jwt", `{"JWT_SECRET":"first"}`)
	v.Put("arn:openai", `{"OPENAI_API_KEY":"key"}`)
	v.advance(time.Hour)
	return v
}

func (v *vault) now() time.Time          { return v.at }
func (v *vault) advance(d time.Duration) { v.at = v.at.Add(d) }
func (v *vault) cache() *secretcache.Cache {
	return secretcache.New(v, map[*secrets.Secret]string{secrets.JWT: "arn:jwt", secrets.OpenAI: "arn:openai"}, v.now)
}

const longerThanTTL = secretcache.TTL * 12 / 10

func get(t *testing.T, c *secretcache.Cache, key secrets.Key) string {
	t.Helper()
	value, err := c.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return value.Reveal()
}

func TestCache_Secret_IsFetchedOnce(t *testing.T) {
	v := newVault()
	c := v.cache()
	if err := c.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if get(t, c, secrets.JWTSecret) != "first" || get(t, c, secrets.OpenAIAPIKey) != "key" {
			t.Error("the values are wrong")
		}
	}
	if v.Calls() != 2 {
		t.Errorf("%d calls for two secrets", v.Calls())
	}
}

// together answers only when all secrets are asked for at the same time.
type together struct {
	*vault
	all sync.WaitGroup
}

func (g *together) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	g.all.Done()
	g.all.Wait()
	return g.vault.GetSecretValue(ctx, in)
}

func TestLoad_SeveralSecrets_AreFetchedInParallel(t *testing.T) {
	g := &together{vault: newVault()}
	g.all.Add(2)
	c := secretcache.New(g, map[*secrets.Secret]string{secrets.JWT: "arn:jwt", secrets.OpenAI: "arn:openai"}, g.now)
	if err := c.Load(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestLoad_UnreadableSecrets_AreAllReported(t *testing.T) {
	v := newVault()
	v.Delete("arn:jwt")
	v.Put("arn:openai", `{"OPENAI_KEY":"misnamed"}`)
	err := v.cache().Load(t.Context())
	if err == nil || !strings.Contains(err.Error(), "read secret jwt") || !strings.Contains(err.Error(), "secret openai has no value for OPENAI_API_KEY") {
		t.Errorf("got %v", err)
	}
	v.Put("arn:openai", `{"OPENAI_API_KEY":""}`)
	if err := v.cache().Load(t.Context()); err == nil || !strings.Contains(err.Error(), "secret openai has no value for OPENAI_API_KEY") {
		t.Errorf("an empty value: got %v", err)
	}
}

func TestLoad_MalformedSecret_IsNotPrinted(t *testing.T) {
	v := newVault()
	v.Put("arn:jwt", "just-the-secret")
	_, err := v.cache().Get(t.Context(), secrets.JWTSecret)
	if err == nil || strings.Contains(err.Error(), "just") || !strings.Contains(err.Error(), "no JSON object") {
		t.Errorf("got %v", err)
	}
}

func TestCache_RotatedSecret_IsRefreshed(t *testing.T) {
	v := newVault()
	c := v.cache()
	get(t, c, secrets.JWTSecret)
	v.Put("arn:jwt", `{"JWT_SECRET":"second"}`)
	v.advance(secretcache.TTL * 8 / 10)
	if get(t, c, secrets.JWTSecret) != "first" {
		t.Error("the value was read again before its time")
	}
	v.advance(secretcache.TTL * 4 / 10)
	if get(t, c, secrets.JWTSecret) != "second" {
		t.Error("the value is still the old one")
	}
}

func TestCache_Refreshes_AreJittered(t *testing.T) {
	v := newVault()
	var caches []*secretcache.Cache
	for range 60 {
		caches = append(caches, v.cache())
		get(t, caches[len(caches)-1], secrets.JWTSecret)
	}
	before := v.Calls()
	v.advance(secretcache.TTL)
	for _, c := range caches {
		get(t, c, secrets.JWTSecret)
	}
	if refreshed := v.Calls() - before; refreshed == 0 || refreshed == len(caches) {
		t.Errorf("%d of %d caches read the secret again after exactly its time", refreshed, len(caches))
	}
}

var errDown = errors.New("secrets manager is down")

func TestCache_Outage_KeepsValueUpToMaxStale(t *testing.T) {
	v := newVault()
	c := v.cache()
	get(t, c, secrets.JWTSecret)
	v.Fail(errDown)
	v.advance(longerThanTTL)
	before := v.Calls()
	for range 10 {
		if get(t, c, secrets.JWTSecret) != "first" {
			t.Error("the value is lost")
		}
	}
	if v.Calls()-before != 1 {
		t.Errorf("%d attempts in one moment of an outage", v.Calls()-before)
	}
	v.advance(secretcache.MaxStale)
	if _, err := c.Get(t.Context(), secrets.JWTSecret); !errors.Is(err, errDown) {
		t.Errorf("after %s: got %v", secretcache.MaxStale, err)
	}
	v.Fail(nil)
	if get(t, c, secrets.JWTSecret) != "first" {
		t.Error("the value does not come back")
	}
}

func TestLoad_Outage_Fails(t *testing.T) {
	v := newVault()
	v.Fail(errDown)
	if err := v.cache().Load(t.Context()); !errors.Is(err, errDown) || !strings.Contains(err.Error(), "read secret jwt") {
		t.Errorf("got %v", err)
	}
}

func TestCache_DeletedSecret_FailsAtNextRefresh(t *testing.T) {
	v := newVault()
	c := v.cache()
	get(t, c, secrets.JWTSecret)
	v.Delete("arn:jwt")
	v.advance(longerThanTTL)
	if value, err := c.Get(t.Context(), secrets.JWTSecret); err == nil {
		t.Errorf("got %v of a secret that was deleted", value)
	}
}

func TestRefreshRejected_RefusedValue_IsReadAgainRarely(t *testing.T) {
	v := newVault()
	c := v.cache()
	refused, _ := c.Get(t.Context(), secrets.OpenAIAPIKey)
	v.advance(secretcache.RejectedEvery)
	v.Put("arn:openai", `{"OPENAI_API_KEY":"renewed"}`)
	before := v.Calls()
	fresh, changed := c.RefreshRejected(t.Context(), secrets.OpenAIAPIKey, refused)
	if !changed || fresh.Reveal() != "renewed" || v.Calls()-before != 1 {
		t.Errorf("changed %v, %d calls", changed, v.Calls()-before)
	}
	// Another request that was refused with the old value costs nothing.
	if fresh, changed := c.RefreshRejected(t.Context(), secrets.OpenAIAPIKey, refused); !changed || fresh.Reveal() != "renewed" || v.Calls()-before != 1 {
		t.Errorf("changed %v, %d calls", changed, v.Calls()-before)
	}
	// Nor do signatures that will never be good.
	for range 100 {
		if _, changed := c.RefreshRejected(t.Context(), secrets.OpenAIAPIKey, fresh); changed {
			t.Fatal("the same value is said to be another")
		}
	}
	if v.Calls()-before != 1 {
		t.Errorf("%d calls", v.Calls()-before)
	}
	v.advance(secretcache.RejectedEvery)
	c.RefreshRejected(t.Context(), secrets.OpenAIAPIKey, fresh)
	if v.Calls()-before != 2 {
		t.Errorf("%d calls after the pause", v.Calls()-before)
	}
}

func TestRefreshRejected_Outage_KeepsValue(t *testing.T) {
	v := newVault()
	c := v.cache()
	refused, _ := c.Get(t.Context(), secrets.JWTSecret)
	v.advance(secretcache.RejectedEvery)
	v.Fail(errDown)
	if _, changed := c.RefreshRejected(t.Context(), secrets.JWTSecret, refused); changed || get(t, c, secrets.JWTSecret) != "first" {
		t.Error("the value is lost")
	}
}

func previous(t *testing.T, c *secretcache.Cache) string {
	t.Helper()
	value, ok, err := c.Previous(t.Context(), secrets.JWTSecret, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return ""
	}
	return value.Reveal()
}

func TestPrevious_IsValidAsLongAsItsTickets(t *testing.T) {
	v := newVault()
	c := v.cache()
	if got := previous(t, c); got != "" {
		t.Fatalf("got %q before any rotation", got)
	}
	for _, rotation := range []struct{ value, before string }{{"second", "first"}, {"third", "second"}} {
		v.Put("arn:jwt", `{"JWT_SECRET":"`+rotation.value+`"}`)
		v.advance(longerThanTTL)
		if get(t, c, secrets.JWTSecret) != rotation.value || previous(t, c) != rotation.before {
			t.Errorf("after the rotation to %s the previous value is %q", rotation.value, previous(t, c))
		}
	}
	v.advance(time.Hour)
	if got := previous(t, c); got != "" {
		t.Errorf("%q verifies longer than anything it signed lives", got)
	}
}

func TestPrevious_Rotated_ChangesWithCurrent(t *testing.T) {
	v := newVault()
	v.Put("arn:jwt", `{"JWT_SECRET":"second"}`)
	c := v.cache()
	if got := previous(t, c); got != "first" {
		t.Fatalf("got %q", got)
	}
	v.advance(secretcache.RejectedEvery)
	v.Put("arn:jwt", `{"JWT_SECRET":"third"}`)
	if _, changed := c.RefreshRejected(t.Context(), secrets.JWTSecret, secretcache.NewValue("second")); !changed {
		t.Fatal("the rotation is not noticed")
	}
	if got := previous(t, c); got != "second" {
		t.Errorf("beside the new value, the previous one is %q", got)
	}
}

func TestPrevious_NeverRotated_IsReadRarely(t *testing.T) {
	v := newVault()
	v.Put("arn:new", `{"JWT_SECRET":"only"}`)
	c := secretcache.New(v, map[*secrets.Secret]string{secrets.JWT: "arn:new"}, v.now)
	for range 50 {
		if got := previous(t, c); got != "" {
			t.Fatalf("got %q", got)
		}
	}
	if v.Calls() != 2 {
		t.Errorf("%d calls", v.Calls())
	}
}

func TestGet_UnopenedSecret_IsRefused(t *testing.T) {
	c := newVault().cache()
	if _, err := c.Get(t.Context(), secrets.AppleKeyID); err == nil || !strings.Contains(err.Error(), "secret apple is not open") {
		t.Errorf("got %v", err)
	}
	if _, changed := c.RefreshRejected(t.Context(), secrets.AppleKeyID, secretcache.Value{}); changed {
		t.Error("a secret that is not open has changed")
	}
}

func TestOpen_DeclaredSecrets_AreLoadedAtStart(t *testing.T) {
	type service struct{ secrets *secretcache.Cache }
	f := function.Define(function.Spec[*service]{
		New: func(resources *function.Resources) (*service, error) {
			return &service{secretcache.Open(resources, secrets.JWT, secrets.Apple)}, nil
		},
		Permissions: function.Permissions{Secrets: []*secrets.Secret{secrets.JWT}},
	})
	resources := function.NewResources(aws.Config{}, func(name string) (string, bool) { return name, true })
	if _, err := f.Bind(resources); err == nil || !strings.Contains(err.Error(), "secret apple without declaring it") {
		t.Errorf("got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := resources.Start(cancelled); err == nil || !strings.Contains(err.Error(), "read secret jwt") {
		t.Errorf("the start did not fetch: %v", err)
	}
}
