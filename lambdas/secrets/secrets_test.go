package secrets_test

import (
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/secrets"
)

func TestSecrets_HaveKeysAndTheirOwnVariable(t *testing.T) {
	seen := map[string]bool{}
	for _, secret := range secrets.All() {
		if len(secret.Keys) == 0 || secret.Purpose == "" {
			t.Errorf("%s: keys %v, purpose %q", secret.Name, secret.Keys, secret.Purpose)
		}
		if seen[secret.Variable()] {
			t.Errorf("two secrets share the variable %s", secret.Variable())
		}
		seen[secret.Variable()] = true
	}
}

func TestKey_BelongsToItsSecret(t *testing.T) {
	if key := secrets.OpenAIAPIKey; key.Secret() != secrets.OpenAI || key.Name() != "OPENAI_API_KEY" {
		t.Errorf("%s of %s", key.Name(), key.Secret().Name)
	}
	want := []string{"APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY", "APPLE_CLIENT_ID", "APPLE_SERVICE_ID"}
	if !slices.Equal(secrets.Apple.Keys, want) {
		t.Errorf("the keys are %v", secrets.Apple.Keys)
	}
}
