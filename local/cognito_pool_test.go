package local_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/local"
)

// namedPool is the probe's pool of users with names in any case, whose custom
// challenges want the nonce and the stored name of the user for an answer.
type namedPool struct {
	*cognito.Client
	id, client, telling *string
}

func openNamedPool(t *testing.T) *namedPool {
	t.Helper()
	stage := probeStage(t)
	return &namedPool{
		Client: cognito.NewFromConfig(stage.AWSConfig(local.Region)),
		id:     aws.String(output(t, stage, "NamedPoolId")),
		client: aws.String(output(t, stage, "NamedPoolClientId")), telling: aws.String(output(t, stage, "TellingClientId")),
	}
}

const goodPassword = "Correct-Horse-7"

// create makes a confirmed user with a verified address. It returns the user's sub.
func (p *namedPool) create(t *testing.T, name string) (sub string) {
	t.Helper()
	made, err := p.AdminCreateUser(t.Context(), &cognito.AdminCreateUserInput{
		UserPoolId: p.id, Username: &name, MessageAction: types.MessageActionTypeSuppress,
		UserAttributes: attributes("email", strings.ToLower(name)+"@example.com", "email_verified", "true"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.AdminSetUserPassword(t.Context(), &cognito.AdminSetUserPasswordInput{
		UserPoolId: p.id, Username: &name, Password: aws.String(goodPassword), Permanent: true,
	}); err != nil {
		t.Fatal(err)
	}
	return attribute(made.User.Attributes, "sub")
}

func attributes(namesAndValues ...string) (all []types.AttributeType) {
	for i := 0; i < len(namesAndValues); i += 2 {
		all = append(all, types.AttributeType{Name: &namesAndValues[i], Value: &namesAndValues[i+1]})
	}
	return all
}

func attribute(all []types.AttributeType, name string) string {
	for _, a := range all {
		if aws.ToString(a.Name) == name {
			return aws.ToString(a.Value)
		}
	}
	return ""
}

func (p *namedPool) challenge(ctx context.Context, client *string, name string) (*cognito.AdminInitiateAuthOutput, error) {
	return p.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId: p.id, ClientId: client, AuthFlow: types.AuthFlowTypeCustomAuth,
		AuthParameters: map[string]string{"USERNAME": name}, ClientMetadata: map[string]string{"from": "initiate"},
	})
}

func (p *namedPool) answer(ctx context.Context, session *string, name, answer string) (*cognito.AdminRespondToAuthChallengeOutput, error) {
	return p.AdminRespondToAuthChallenge(ctx, &cognito.AdminRespondToAuthChallengeInput{
		UserPoolId: p.id, ClientId: p.client, ChallengeName: types.ChallengeNameTypeCustomChallenge, Session: session,
		ChallengeResponses: map[string]string{"USERNAME": name, "ANSWER": answer}, ClientMetadata: map[string]string{"from": "respond"},
	})
}

// refusal is the code and the message of an error AWS answered, or empty.
func refusal(err error) string {
	var answered smithy.APIError
	if errors.As(err, &answered) {
		return answered.ErrorCode() + ": " + answered.ErrorMessage()
	}
	return ""
}

func requireRefusal(t *testing.T, err error, want string) {
	t.Helper()
	if got := refusal(err); got != want {
		t.Errorf("answered %q (%v), want %q", got, err, want)
	}
}

const (
	wrongPassword  = "NotAuthorizedException: Incorrect username or password."
	unknownUser    = "UserNotFoundException: User does not exist."
	invalidSession = "NotAuthorizedException: Invalid session for the user."
)

func claimsOf(t *testing.T, token *string) jwt.MapClaims {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(aws.ToString(token), claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func (p *namedPool) signUp(t *testing.T, name string) {
	t.Helper()
	if _, err := p.SignUp(t.Context(), &cognito.SignUpInput{
		ClientId: p.client, Username: &name, Password: aws.String(goodPassword),
		UserAttributes: attributes("email", name+"@example.com"),
	}); err != nil {
		t.Fatal(err)
	}
}

func (p *namedPool) signIn(t *testing.T, client *string, name, password string) (*types.AuthenticationResultType, error) {
	t.Helper()
	out, err := p.AdminInitiateAuth(t.Context(), &cognito.AdminInitiateAuthInput{
		UserPoolId: p.id, ClientId: client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

func (p *namedPool) mustSignIn(t *testing.T, name string) *types.AuthenticationResultType {
	t.Helper()
	result, err := p.signIn(t, p.client, name, goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (p *namedPool) refresh(t *testing.T, result *types.AuthenticationResultType) error {
	t.Helper()
	_, err := p.InitiateAuth(t.Context(), &cognito.InitiateAuthInput{
		ClientId: p.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth,
		AuthParameters: map[string]string{"REFRESH_TOKEN": *result.RefreshToken},
	})
	return err
}

func (p *namedPool) get(t *testing.T, name string) *cognito.AdminGetUserOutput {
	t.Helper()
	user, err := p.AdminGetUser(t.Context(), &cognito.AdminGetUserInput{UserPoolId: p.id, Username: &name})
	if err != nil {
		t.Fatal(err)
	}
	return user
}
