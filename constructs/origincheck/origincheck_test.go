package origincheck_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

func ExampleChecker_Check() {
	checker := origincheck.New(func(context.Context) ([]string, error) { return []string{"current", "previous"}, nil })
	for _, header := range []string{"current", "previous", "guessed", ""} {
		fmt.Println(checker.Check(context.Background(), header))
	}
	// Output:
	// <nil>
	// <nil>
	// the request did not come through the edge
	// the request did not come through the edge
}

func TestCheck_RotatedValue_IsAcceptedAfterRefetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values, reads := []string{"old"}, 0
		checker := origincheck.New(func(context.Context) ([]string, error) { reads++; return values, nil })
		check := func(header string, want error) {
			t.Helper()
			if err := checker.Check(t.Context(), header); err != want {
				t.Errorf("Check(%q) = %v, want %v", header, err, want)
			}
		}
		check("old", nil)
		values = []string{"new", "old"}
		check("new", origincheck.ErrNotFromEdge) // read a moment ago
		time.Sleep(10 * time.Second)
		check("old", nil)
		check("new", nil)
		if reads != 2 {
			t.Errorf("the values were read %d times, want 2", reads)
		}
		values = []string{"newer", "new"}
		time.Sleep(10 * time.Second)
		check("newer", nil)
		check("old", origincheck.ErrNotFromEdge)
	})
}

func TestCheck_WrongHeaders_RefetchAtMostOncePerInterval(t *testing.T) {
	reads := 0
	checker := origincheck.New(func(context.Context) ([]string, error) { reads++; return []string{"v"}, nil })
	for range 100 {
		checker.Check(t.Context(), "wrong")
	}
	if reads != 1 {
		t.Errorf("100 wrong headers read the values %d times, want once", reads)
	}
}

func TestCheck_EmptyValue_IsRefused(t *testing.T) {
	checker := origincheck.New(func(context.Context) ([]string, error) { return []string{"", "v"}, nil })
	if err := checker.Check(t.Context(), ""); err != origincheck.ErrNotFromEdge {
		t.Errorf("an empty header is %v", err)
	}
}

func TestCheck_UnreadableValues_ReturnsError(t *testing.T) {
	broken := errors.New("no connection")
	checker := origincheck.New(func(context.Context) ([]string, error) { return nil, broken })
	if err := checker.Check(t.Context(), "v"); !errors.Is(err, broken) {
		t.Errorf("the error is %v, want %v", err, broken)
	}
}

// versions answers with the secret's text by stage.
type versions map[string]string

func (v versions) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if aws.ToString(in.SecretId) != "arn" {
		return nil, fmt.Errorf("unexpected secret %q", aws.ToString(in.SecretId))
	}
	value, ok := v[aws.ToString(in.VersionStage)]
	if !ok {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(value)}, nil
}

func TestFromSecretsManager_ReadsCurrentAndPreviousVersion(t *testing.T) {
	for name, c := range map[string]struct {
		secret versions
		want   string
	}{
		"never rotated": {versions{"AWSCURRENT": `{"ORIGIN_SECRET":"a"}`}, "[a]"},
		"rotated":       {versions{"AWSCURRENT": `{"ORIGIN_SECRET":"b","ORIGIN_HOST":"h"}`, "AWSPREVIOUS": `{"ORIGIN_SECRET":"a"}`}, "[b a]"},
	} {
		got, err := origincheck.FromSecretsManager(c.secret, "arn")(t.Context())
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, %v, want %s", name, got, err, c.want)
		}
	}
}

func TestFromSecretsManager_MalformedSecret_ErrorHidesValue(t *testing.T) {
	for name, secret := range map[string]versions{
		"missing":      {},
		"no JSON":      {"AWSCURRENT": "s3cr3t"},
		"another key":  {"AWSCURRENT": `{"OTHER":"s3cr3t"}`},
		"bad previous": {"AWSCURRENT": `{"ORIGIN_SECRET":"a"}`, "AWSPREVIOUS": "s3cr3t"},
	} {
		_, err := origincheck.FromSecretsManager(secret, "arn")(t.Context())
		if err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
