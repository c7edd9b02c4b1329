package function_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// endpointsOf are what the rights lead to, each by the name of the right that leads
// there alone. "" are none.
var endpointsOf = map[string]struct {
	rights function.Permissions
	want   string
}{
	"Tables":         {function.Permissions{Tables: []tables.Grant{tables.Users.Allow(tables.GetItem)}}, "https://dynamodb.eu-west-2.amazonaws.com"},
	"Keys":           {function.Permissions{Keys: []function.KeyGrant{function.FieldKey.Allow(function.Decrypt)}}, "https://kms.eu-west-2.amazonaws.com"},
	"Secrets":        {function.Permissions{Secrets: []*secrets.Secret{secrets.JWT}}, "https://secretsmanager.eu-west-2.amazonaws.com"},
	"UserPool":       {function.Permissions{UserPool: []function.UserPoolOperation{function.ListUsers}}, "https://cognito-idp.eu-west-2.amazonaws.com"},
	"UserPoolClient": {function.Permissions{UserPoolClient: true}, "https://cognito-idp.eu-west-2.amazonaws.com"},
	"SendEmail":      {function.Permissions{SendEmail: true}, "https://email.eu-west-2.amazonaws.com"},
	"Publishes":      {function.Permissions{Publishes: []*function.Topic{{Name: "greeted"}}}, "https://sns.eu-west-2.amazonaws.com"},
	"Buckets":        {function.Permissions{Buckets: []buckets.Grant{buckets.Statements.Allow(buckets.Read)}}, ""},
	"Sends":          {function.Permissions{Sends: []*function.Queue{function.ErrorReports.Queue}}, ""},
	"External":       {function.Permissions{External: []function.Service{function.Apple}}, "https://appleid.apple.com"},
	"Settings":       {function.Permissions{Settings: []function.Setting{function.GoogleApps}}, ""},
}

func TestEndpoints_EveryRight_NamesItsEndpoint(t *testing.T) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[function.Permissions]()) {
		try, known := endpointsOf[field.Name]
		if !known {
			t.Errorf("Permissions.%s: say here which endpoint it leads to, and in endpoints.go", field.Name)
			continue
		}
		if got := strings.Join(endpoints(t, try.rights, nil), " "); got != try.want {
			t.Errorf("Permissions.%s: got %q", field.Name, got)
		}
	}
}

// Of all rights, only the external services and the settings lead to no service of AWS.
func TestAWSServices_EveryRight_LeadsToItsService(t *testing.T) {
	for field, try := range endpointsOf {
		host, _, _ := strings.Cut(strings.TrimPrefix(try.want, "https://"), ".")
		want := []function.AWSService{function.AWSService(host)}
		switch field {
		case "Buckets":
			want[0] = function.S3
		case "Sends":
			want[0] = function.SQS
		case "External", "Settings":
			want = nil
		}
		if got := (&function.Function{Permissions: try.rights}).AWSServices(); !slices.Equal(got, want) {
			t.Errorf("Permissions.%s leads to %v, want %v", field, got, want)
		}
	}
}

func TestEndpoints_OtherEndpointsInTheEnvironment_AreNamed(t *testing.T) {
	rights := endpointsOf["Tables"].rights
	rights.External = []function.Service{function.Google}
	got := endpoints(t, rights, map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": "https://127.0.0.1:1", "EXTERNAL_GOOGLE_URL": "https://127.0.0.1:2"})
	if want := []string{"https://127.0.0.1:1", "https://127.0.0.1:2"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestValidate_ExternalServiceWithoutBaseURL_IsReported(t *testing.T) {
	if err := define(function.Permissions{External: []function.Service{"nowhere"}}).Validate(); err == nil {
		t.Error("the service has no base URL, and nothing says so")
	}
}

func TestEndpoints_RotatedSecret_IsInSecretsManager(t *testing.T) {
	resources := function.NewResources(aws.Config{BaseEndpoint: aws.String("https://base.example")}, nothingIsSet)
	rotation := &function.Function{Events: []function.Event{{Key: function.RotationKey, Rotates: secrets.JWT}}}
	if got := function.EndpointsOf(rotation, resources); !slices.Equal(got, []string{"https://base.example"}) {
		t.Errorf("got %v", got)
	}
}

func nothingIsSet(string) (string, bool) { return "", false }

// endpoints returns the endpoints of a function that has these rights and no others.
func endpoints(t *testing.T, rights function.Permissions, variables map[string]string) []string {
	t.Helper()
	resources := function.NewResources(aws.Config{Region: "eu-west-2"}, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	return function.EndpointsOf(&function.Function{Permissions: rights}, resources)
}
