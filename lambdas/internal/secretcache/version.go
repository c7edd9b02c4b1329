package secretcache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// version is one version of one secret, as last read.
type version struct {
	cache *Cache
	arn   string
	stage string // "AWSCURRENT" or "AWSPREVIOUS"

	mu       sync.Mutex // held while the version is read, so that one request reads it
	values   map[string]Value
	err      error // errNoVersion, instead of values
	created  time.Time
	id       string
	beside   string    // the current version when a previous one was read
	fetched  time.Time // when the values were read
	tried    time.Time // when reading them was last tried
	due      time.Time // when they are to be read again
	reported bool
}

// errNoVersion is the result for a version that does not exist or was deleted.
var errNoVersion = errors.New("there is no such version")

// fresh returns the values, and reads them again when they are due.
func (v *version) fresh(ctx context.Context) (map[string]Value, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cache.now().Before(v.due) {
		return v.values, v.err
	}
	err := v.refresh(ctx)
	return v.values, err
}

// freshBeside is fresh for the previous version of this current version. When the
// current version has changed, it reads the previous one again.
func (v *version) freshBeside(ctx context.Context, currentID string) (map[string]Value, error) {
	v.mu.Lock()
	if v.beside != currentID {
		v.beside, v.due, v.values = currentID, time.Time{}, nil
	}
	v.mu.Unlock()
	return v.fresh(ctx)
}

// refresh reads the version. After a failure, earlier values stay valid until
// MaxStale has passed. They end when the secret was deleted.
func (v *version) refresh(ctx context.Context) error {
	now := v.cache.now()
	usable := v.values != nil && now.Sub(v.fetched) < TTL+MaxStale
	if usable {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, fetchTimeout)
		defer cancel()
	}
	v.tried = now
	values, err := v.fetch(ctx)
	switch {
	case err == nil:
		v.values, v.err, v.reported = values, nil, false
		v.fetched, v.due = now, now.Add(jittered(TTL))
	case isNoVersion(err):
		v.values, v.err = nil, fmt.Errorf("%w: %w", errNoVersion, err)
		v.due = now.Add(retryAfter)
	case usable:
		v.due = now.Add(retryAfter)
		if !v.reported {
			slog.WarnContext(ctx, "secret refresh failed; using its last value", "secret", v.arn, "error", err.Error())
		}
		v.reported = true
	default:
		v.values = nil
		return err
	}
	return v.err
}

func (v *version) fetch(ctx context.Context) (map[string]Value, error) {
	out, err := v.cache.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: aws.String(v.arn), VersionStage: aws.String(v.stage),
	})
	if err != nil {
		return nil, err
	}
	values, err := parse(aws.ToString(out.SecretString))
	if err == nil {
		v.created, v.id = aws.ToTime(out.CreatedDate), aws.ToString(out.VersionId)
	}
	return values, err
}

// rejected reads the version again, unless it was tried lately or the value has
// changed.
func (v *version) rejected(ctx context.Context, name string, refused Value) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.values[name].Equal(refused.Reveal()) && v.cache.now().Sub(v.tried) >= RejectedEvery {
		_ = v.refresh(ctx) // the next Get returns the error
	}
}

// creation returns the version's id and its time of creation.
func (v *version) creation() (id string, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.id, v.created
}

// isNoVersion reports whether the secret or its version does not exist, or is being
// deleted.
func isNoVersion(err error) bool {
	var missing *types.ResourceNotFoundException
	var deleted *types.InvalidRequestException
	return errors.As(err, &missing) || errors.As(err, &deleted)
}

// parse parses the JSON object of a secret. Its errors contain none of the text.
func parse(text string) (map[string]Value, error) {
	var texts map[string]string
	if err := json.Unmarshal([]byte(text), &texts); err != nil {
		return nil, errors.New("the value is no JSON object of strings: put one with aws secretsmanager put-secret-value")
	}
	values := make(map[string]Value, len(texts))
	for key, value := range texts {
		values[key] = NewValue(value)
	}
	return values, nil
}

// jittered returns a duration that differs from d by up to a tenth.
func jittered(d time.Duration) time.Duration {
	return d - d/10 + rand.N(d/5)
}
