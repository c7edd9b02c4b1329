package e2e_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// dataKeysOfOtherTables assumes each role that may unwrap data keys and tries to unwrap
// the data keys of every table. It runs after authorizationLog, which fails on denied
// calls.
func dataKeysOfOtherTables(t *testing.T) {
	wrapped := map[*tables.Table][]byte{}
	for _, table := range tables.All() {
		out, err := kms.NewFromConfig(stage.AWSConfig(local.Region)).GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{
			KeyId: fieldKey(t), KeySpec: kmstypes.DataKeySpecAes256, EncryptionContext: dataKeyContext(table),
		})
		if err != nil {
			t.Fatal(err)
		}
		wrapped[table] = out.CiphertextBlob
	}
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			unwraps := unwrappedBy(f)
			if len(unwraps) == 0 {
				continue
			}
			keys := kms.NewFromConfig(configOf(t, f))
			for table, blob := range wrapped {
				_, err := keys.Decrypt(t.Context(), &kms.DecryptInput{KeyId: fieldKey(t), CiphertextBlob: blob, EncryptionContext: dataKeyContext(table)})
				if (err == nil) != unwraps[table] {
					t.Errorf("%s unwraps a data key of %s: %v", f.Name, table.Name, err)
				}
			}
			for _, lacking := range []map[string]string{nil, {"user": "u"}} {
				if _, err := keys.Decrypt(t.Context(), &kms.DecryptInput{KeyId: fieldKey(t), CiphertextBlob: wrapped[tables.Users], EncryptionContext: lacking}); err == nil {
					t.Errorf("%s unwraps a data key in the context %v", f.Name, slices.Sorted(maps.Keys(lacking)))
				}
			}
		}
	}
}

func dataKeyContext(table *tables.Table) map[string]string {
	return map[string]string{tables.DataKeyContext: table.Name, "user": "u"}
}

// unwrappedBy returns the tables whose data keys the function's declaration allows to
// unwrap.
func unwrappedBy(f *function.Function) map[*tables.Table]bool {
	unwrapped := map[*tables.Table]bool{}
	for _, grant := range f.Permissions.Keys {
		if grant.Key == function.FieldKey && slices.Contains(grant.Operations, function.Decrypt) {
			unwrapped[grant.Table] = true
		}
	}
	return unwrapped
}

// fieldKey returns the ARN of the stage's field key.
func fieldKey(t *testing.T) *string {
	t.Helper()
	out, err := kms.NewFromConfig(stage.AWSConfig(local.Region)).DescribeKey(t.Context(), &kms.DescribeKeyInput{
		KeyId: aws.String("alias/" + physicalName(t, string(function.FieldKey))),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.KeyMetadata.Arn
}

// configOf returns a configuration of SDK clients that call under the function's role.
func configOf(t *testing.T, f *function.Function) aws.Config {
	t.Helper()
	cfg := stage.AWSConfig(local.Region)
	found, err := lambda.NewFromConfig(cfg).GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{
		FunctionName: aws.String(physicalName(t, f.Name)),
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Credentials = assumeRole(t, cfg, *found.Role)
	return cfg
}

// assumeRole returns credentials of a role for the account's root. It sends the STS
// request itself, because the application has no STS client.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func assumeRole(t *testing.T, root aws.Config, role string) aws.CredentialsProvider {
	t.Helper()
	form := url.Values{"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {"probe"}}.Encode()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *root.BaseEndpoint, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	identity, err := root.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(form))
	if err := v4.NewSigner().SignHTTP(t.Context(), identity, request, hex.EncodeToString(hash[:]), "sts", local.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	response, err := root.HTTPClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var assumed struct {
		Credentials struct {
			AccessKeyID     string `xml:"AccessKeyId"`
			SecretAccessKey string `xml:"SecretAccessKey"`
			SessionToken    string `xml:"SessionToken"`
		} `xml:"AssumeRoleResult>Credentials"`
	}
	if err := xml.NewDecoder(response.Body).Decode(&assumed); err != nil || assumed.Credentials.AccessKeyID == "" {
		t.Fatalf("STS answered %d: %v", response.StatusCode, err)
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		c := assumed.Credentials
		return aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}, nil
	})
}
