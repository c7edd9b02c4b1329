package e2e_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/local"
)

// externalSecrets checks that this stage's secrets, which an operator enters on AWS,
// hold the values that the stand-ins of the services accept.
func externalSecrets(t *testing.T) {
	vault := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region))
	for _, secret := range []*secrets.Secret{secrets.Apple, secrets.OpenAI, secrets.RevenueCat, secrets.Expo, secrets.Sentry} {
		got, err := vault.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{
			SecretId: aws.String("expenzez/local/" + secret.Name),
		})
		if err != nil {
			t.Fatal(err)
		}
		var values map[string]string
		if err := json.Unmarshal([]byte(aws.ToString(got.SecretString)), &values); err != nil {
			t.Fatalf("%s: %v", secret.Name, err)
		}
		for _, key := range secret.Keys {
			if values[key] == "" {
				t.Errorf("%s has no value for %s", secret.Name, key)
			}
		}
	}
}
