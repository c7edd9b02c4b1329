package e2e_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/test/fakes"
)

// physicalName returns the physical name of a resource of this run's stage.
func physicalName(t *testing.T, name string) string {
	t.Helper()
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	return cfg.PhysicalName(name)
}

// poolID returns the id of the stage's user pool.
func poolID(t *testing.T, pools *cognito.Client) *string {
	t.Helper()
	out, err := pools.ListUserPools(t.Context(), &cognito.ListUserPoolsInput{MaxResults: aws.Int32(10)})
	if err != nil {
		t.Fatal(err)
	}
	for _, pool := range out.UserPools {
		if *pool.Name == physicalName(t, "users") {
			return pool.Id
		}
	}
	t.Fatal("there is no user pool")
	return nil
}

// forgetAccount deletes only the items of an account and its address. No function
// leaves this state.
func forgetAccount(t *testing.T, userID string) {
	t.Helper()
	db := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	for _, table := range []*tables.Table{tables.Users, tables.UserEmails} {
		found, err := db.Scan(t.Context(), &dynamodb.ScanInput{
			TableName: aws.String(physicalName(t, table.Name)), FilterExpression: aws.String("userId = :user"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":user": &types.AttributeValueMemberS{Value: userID}},
		})
		if err != nil || len(found.Items) != 1 {
			t.Fatalf("%s has %d items of the user, %v", table.Name, len(found.Items), err)
		}
		key := table.PartitionKey.Name
		if _, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
			TableName: aws.String(physicalName(t, table.Name)), Key: map[string]types.AttributeValue{key: found.Items[0][key]},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// forgetLimits empties the buckets of the address that all requests of the run come
// from.
func forgetLimits(t *testing.T) {
	t.Helper()
	db, table := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)), aws.String(physicalName(t, tables.RateLimits.Name))
	found, err := db.Scan(t.Context(), &dynamodb.ScanInput{
		TableName: table, FilterExpression: aws.String("begins_with(id, :address)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":address": &types.AttributeValueMemberS{Value: "address#"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range found.Items {
		if _, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: map[string]types.AttributeValue{"id": item["id"]}}); err != nil {
			t.Fatal(err)
		}
	}
}

// waitUntil fails the test if the condition stays false for 20 seconds.
func waitUntil(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain waited until %s", what)
		}
	}
}

// forgeries returns tokens that have the claims of a valid token and must be refused.
func forgeries(t *testing.T, p provider, good string) map[string]string {
	t.Helper()
	claims := jwt.MapClaims{}
	token, _, err := jwt.NewParser().ParseUnverified(good, claims)
	if err != nil {
		t.Fatal(err)
	}
	keyID, _ := token.Header["kid"].(string)
	var published struct{ Keys []map[string]string }
	callFakes(t, "GET", map[string]string{"apple": "/apple/auth/keys", "google": "/google/oauth2/v3/certs"}[p.name], nil, &published)
	modulus, err := base64.RawURLEncoding.DecodeString(published.Keys[0]["n"])
	if err != nil {
		t.Fatal(err)
	}
	sign := func(method jwt.SigningMethod, key any) string {
		forged := jwt.NewWithClaims(method, claims)
		forged.Header["kid"] = keyID
		text, err := forged.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	return map[string]string{
		"no algorithm":               sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"HMAC under the public key":  sign(jwt.SigningMethodHS256, modulus),
		"another key":                fakes.NewSigner().SignAs(keyID, claims),
		"another user's claims":      head + "." + strings.Replace(payload, payload[:8], payload[4:12], 1) + "." + signature,
		"no signature":               head + "." + payload + ".",
		"not a token":                "forged",
		"a token of the user pool's": "eyJraWQiOiJ4IiwiYWxnIjoiUlMyNTYifQ.eyJzdWIiOiIxIn0.AA",
	}
}
