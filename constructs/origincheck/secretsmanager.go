package origincheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// SecretReader is the part of a Secrets Manager client that this package calls.
type SecretReader interface {
	GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, opts ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// FromSecretsManager returns Values that read the secret's current value and, after
// a rotation, its previous value.
func FromSecretsManager(client SecretReader, arn string) Values {
	return FromSecretsManagerKey(client, arn, SecretKey)
}

// FromSecretsManagerKey is FromSecretsManager for a secret whose JSON object has the
// value under another key, such as ForwarderKey.
func FromSecretsManagerKey(client SecretReader, arn, key string) Values {
	return func(ctx context.Context) ([]string, error) {
		current, err := read(ctx, client, arn, "AWSCURRENT", key)
		if err != nil {
			return nil, err
		}
		previous, err := read(ctx, client, arn, "AWSPREVIOUS", key)
		var none *types.ResourceNotFoundException
		if errors.As(err, &none) {
			return []string{current}, nil
		}
		return []string{current, previous}, err
	}
}

func read(ctx context.Context, client SecretReader, arn, stage, key string) (string, error) {
	out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn), VersionStage: aws.String(stage)})
	if err != nil {
		return "", fmt.Errorf("read the %s version of the origin secret: %w", stage, err)
	}
	var object map[string]string
	// The decoder's error is left out, because it may contain the value.
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &object) != nil || object[key] == "" {
		return "", fmt.Errorf("the %s version of the origin secret is no JSON object with the key %s", stage, key)
	}
	return object[key], nil
}
