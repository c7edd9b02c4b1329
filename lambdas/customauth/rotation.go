package customauth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// Rotation replaces the secret that tickets are signed with. Tickets under the previous
// secret are accepted for a while (package signinticket).
var Rotation = function.Define(function.Spec[*rotation]{
	Name:    "customauth-rotation",
	Purpose: "Replaces the secret that sign-in tickets are signed with.",
	New: func(resources *function.Resources) (*rotation, error) {
		return &rotation{vault: secretsmanager.NewFromConfig(resources.AWS), arn: resources.Secret(secrets.JWT)}, nil
	},
	Events: []function.EventOf[*rotation]{function.OnSecretRotation(secrets.JWT, (*rotation).Step)},
})

type rotation struct {
	vault secretsClient
	arn   string
}

// secretsClient is the part of Secrets Manager that a rotation needs.
type secretsClient interface {
	DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error)
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	UpdateSecretVersionStage(context.Context, *secretsmanager.UpdateSecretVersionStageInput, ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error)
}

const (
	stageCurrent = "AWSCURRENT"
	stagePending = "AWSPENDING"
)

// Step does one step of a rotation. Each may be repeated, and a version that is
// current already is left alone. It returns an error for another secret than the
// tickets', and for a version that is not waiting.
func (r *rotation) Step(ctx context.Context, step function.RotationStep) error {
	if step.SecretID != r.arn {
		return errors.New("rotate: it is another secret than the one of the tickets")
	}
	described, err := r.vault.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &r.arn})
	if err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	stages := described.VersionIdsToStages
	switch {
	case slices.Contains(stages[step.Token], stageCurrent):
		return nil
	case !slices.Contains(stages[step.Token], stagePending):
		return errors.New("rotate: the version is not pending")
	}
	switch step.Step {
	case "createSecret":
		return r.create(ctx, step.Token)
	case "setSecret": // no other service has the value
		return nil
	case "testSecret":
		return r.test(ctx, step.Token)
	case "finishSecret":
		return r.finish(ctx, step.Token, stages)
	}
	return fmt.Errorf("rotate: there is no step %q", step.Step)
}

// create puts a new value, unless an earlier attempt did.
func (r *rotation) create(ctx context.Context, token string) error {
	_, err := r.pending(ctx, token)
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		return err
	}
	value, err := json.Marshal(map[string]string{secrets.JWTSecret.Name(): newValue(secrets.JWT.GeneratedLength)})
	if err != nil {
		return err
	}
	if _, err := r.vault.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &r.arn, ClientRequestToken: &token, SecretString: aws.String(string(value)), VersionStages: []string{stagePending},
	}); err != nil {
		return fmt.Errorf("rotate: put the new value: %w", err)
	}
	return nil
}

// newValue returns a random text of this length, of which each character has
// five random bits.
func newValue(length int) string {
	text := rand.Text()
	for len(text) < length {
		text += rand.Text()
	}
	return text[:length]
}

// test checks that the new value is one that tickets can be signed with.
func (r *rotation) test(ctx context.Context, token string) error {
	text, err := r.pending(ctx, token)
	if err != nil {
		return err
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return errors.New("rotate: the new value is no JSON object of strings")
	}
	if len(values[secrets.JWTSecret.Name()]) < secrets.JWT.GeneratedLength {
		return fmt.Errorf("rotate: the new %s has fewer than %d characters", secrets.JWTSecret.Name(), secrets.JWT.GeneratedLength)
	}
	return nil
}

// pending returns the text of the new version.
func (r *rotation) pending(ctx context.Context, token string) (string, error) {
	out, err := r.vault.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: &r.arn, VersionId: &token, VersionStage: aws.String(stagePending),
	})
	if err != nil {
		return "", fmt.Errorf("rotate: read the new value: %w", err)
	}
	return aws.ToString(out.SecretString), nil
}

// finish makes the new version the current one.
func (r *rotation) finish(ctx context.Context, token string, stages map[string][]string) error {
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &r.arn, VersionStage: aws.String(stageCurrent), MoveToVersionId: &token}
	for id, labels := range stages {
		if slices.Contains(labels, stageCurrent) {
			in.RemoveFromVersionId = aws.String(id)
		}
	}
	if _, err := r.vault.UpdateSecretVersionStage(ctx, in); err != nil {
		return fmt.Errorf("rotate: make the new value current: %w", err)
	}
	return nil
}
