package awsfake

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// SecretsManager holds secrets in memory, each with its current and its previous
// version.
type SecretsManager struct {
	mu       sync.Mutex
	now      func() time.Time
	err      error
	calls    int
	versions map[string][]secretVersion // oldest first
}

type secretVersion struct {
	id, text string
	created  time.Time
}

// NewSecretsManager returns an empty Secrets Manager.
func NewSecretsManager(now func() time.Time) *SecretsManager {
	return &SecretsManager{now: now, versions: map[string][]secretVersion{}}
}

// Put makes the text the current version, and the current version the previous one.
func (s *SecretsManager) Put(arn, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions[arn] = append(s.versions[arn], secretVersion{id: rand.Text(), text: text, created: s.now()})
}

// Delete removes the secret.
func (s *SecretsManager) Delete(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.versions, arn)
}

// Fail makes every call return the error, until the error is nil.
func (s *SecretsManager) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Calls returns the number of calls.
func (s *SecretsManager) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// GetSecretValue returns the version with the staging label, AWSCURRENT by
// default.
func (s *SecretsManager) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.err != nil {
		return nil, s.err
	}
	versions := s.versions[aws.ToString(in.SecretId)]
	back := 1
	if aws.ToString(in.VersionStage) == "AWSPREVIOUS" {
		back = 2
	}
	if len(versions) < back {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Secrets Manager can't find the specified secret.")}
	}
	v := versions[len(versions)-back]
	return &secretsmanager.GetSecretValueOutput{ARN: in.SecretId, VersionId: &v.id, SecretString: &v.text, CreatedDate: &v.created}, nil
}
