package customauth

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

const (
	arn     = "arn:jwt"
	version = "v2"
)

// safe is Secrets Manager in the middle of the rotation from "v1" to "v2".
type safe struct {
	values map[string]string // by version
	stages map[string][]string
	puts   int
}

func newSafe() *safe {
	return &safe{
		values: map[string]string{"v1": `{"JWT_SECRET":"old"}`},
		stages: map[string][]string{"v1": {stageCurrent}, version: {stagePending}},
	}
}

func (s *safe) DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error) {
	return &secretsmanager.DescribeSecretOutput{VersionIdsToStages: s.stages}, nil
}

func (s *safe) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	value, written := s.values[*in.VersionId]
	if !written || !slices.Contains(s.stages[*in.VersionId], *in.VersionStage) {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(value)}, nil
}

func (s *safe) PutSecretValue(_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	s.puts++
	s.values[*in.ClientRequestToken], s.stages[*in.ClientRequestToken] = *in.SecretString, in.VersionStages
	return &secretsmanager.PutSecretValueOutput{}, nil
}

func (s *safe) UpdateSecretVersionStage(_ context.Context, in *secretsmanager.UpdateSecretVersionStageInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	if !slices.Contains(s.stages[*in.RemoveFromVersionId], *in.VersionStage) {
		return nil, errors.New("the other version does not have the stage")
	}
	s.stages[*in.RemoveFromVersionId] = []string{"AWSPREVIOUS"}
	s.stages[*in.MoveToVersionId] = append(s.stages[*in.MoveToVersionId], *in.VersionStage)
	return &secretsmanager.UpdateSecretVersionStageOutput{}, nil
}

func step(t *testing.T, s *safe, name string) error {
	t.Helper()
	return (&rotation{vault: s, arn: arn}).Step(t.Context(), function.RotationStep{Step: name, SecretID: arn, Token: version})
}

func TestRotation_PutsNewValueAndMakesItCurrent(t *testing.T) {
	s := newSafe()
	for _, name := range []string{"createSecret", "createSecret", "setSecret", "testSecret", "finishSecret", "finishSecret", "createSecret"} {
		if err := step(t, s, name); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if s.puts != 1 {
		t.Errorf("the repeated steps put %d values", s.puts)
	}
	if !slices.Contains(s.stages[version], stageCurrent) || !slices.Equal(s.stages["v1"], []string{"AWSPREVIOUS"}) {
		t.Errorf("the stages are %v", s.stages)
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(s.values[version]), &values); err != nil || len(values) != 1 || len(values[secrets.JWTSecret.Name()]) != secrets.JWT.GeneratedLength {
		t.Errorf("the new value has %d keys, %v", len(values), err)
	}
}

func TestRotation_EachTime_MakesAnotherValue(t *testing.T) {
	one, other := newSafe(), newSafe()
	if err := errors.Join(step(t, one, "createSecret"), step(t, other, "createSecret")); err != nil || one.values[version] == other.values[version] {
		t.Errorf("got %v", err)
	}
}

func TestRotation_InvalidValue_FailsItsTest(t *testing.T) {
	for _, value := range []string{"", "rotated", `{}`, `{"JWT_SECRET":"short"}`, `{"JWT_SECRET":7}`} {
		s := newSafe()
		s.values[version] = value
		if err := step(t, s, "testSecret"); err == nil {
			t.Errorf("%q passed the test", value)
		}
	}
	if err := step(t, newSafe(), "testSecret"); err == nil {
		t.Error("a value that was never put passed the test")
	}
}

func TestRotation_UnknownSecretVersionOrStep_IsRefused(t *testing.T) {
	r := &rotation{vault: newSafe(), arn: arn}
	for name, in := range map[string]function.RotationStep{
		"another secret":  {Step: "createSecret", SecretID: "arn:apple", Token: version},
		"another version": {Step: "createSecret", SecretID: arn, Token: "v9"},
		"another step":    {Step: "destroySecret", SecretID: arn, Token: version},
	} {
		if err := r.Step(t.Context(), in); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	s := newSafe()
	s.stages[version] = nil
	if err := step(t, s, "createSecret"); err == nil {
		t.Error("a version that is not pending was given a value")
	}
}
