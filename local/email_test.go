package local_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/expenzez/infrastructure/local"
)

func TestEmailIdentity_FromTemplate_HasDKIMRecords(t *testing.T) {
	stage := probeStage(t)
	client := sesv2.NewFromConfig(stage.AWSConfig(local.Region))
	identity, err := client.GetEmailIdentity(t.Context(), &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String("example.com")})
	if err != nil {
		t.Fatal(err)
	}
	tokens := identity.DkimAttributes.Tokens
	if len(tokens) != 3 {
		t.Fatalf("the domain has the tokens %q", tokens)
	}
	if got, want := output(t, stage, "DkimName"), tokens[2]+"._domainkey.example.com"; got != want {
		t.Errorf("the record is called %s, not %s", got, want)
	}
	if got, want := output(t, stage, "DkimValue"), tokens[2]+".dkim.amazonses.com"; got != want {
		t.Errorf("the record leads to %s, not %s", got, want)
	}
}
