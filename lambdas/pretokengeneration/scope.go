package pretokengeneration

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "pretokengeneration",
	Stack:     function.StackCore, // which has the user pool (docs/decisions/0017)
	Functions: []*function.Function{Scope},
}

// Scope handles the trigger of the user pool before it issues tokens. It has no
// permissions and fails no request, because each sign-in waits for it.
var Scope = function.Define(function.Spec[scope]{
	Name:    "pretokengeneration-scope",
	Purpose: "Keeps out of access tokens the scope that opens Cognito itself to every client that has one.",
	New:     func(*function.Resources) (scope, error) { return scope{}, nil },
	Events:  []function.EventOf[scope]{function.OnUserPoolTrigger(function.PreTokenGeneration, scope.SuppressScope)},
	Timeout: 5 * time.Second, // which is how long Cognito waits
})

// selfServiceScope is the scope of Cognito's operations that take an access token, such
// as UpdateUserAttributes, DeleteUser and AssociateSoftwareToken. Each access
// token has it, except tokens of a hosted page.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
const selfServiceScope = "aws.cognito.signin.user.admin"

type scope struct{}

// tokenEvent is version 2 of the trigger's event. The types of aws-lambda-go would
// send null for each field that stays unchanged.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
type tokenEvent struct {
	events.CognitoEventUserPoolsHeader
	Request  json.RawMessage `json:"request"`
	Response struct {
		Overrides struct {
			AccessToken struct {
				ScopesToSuppress []string `json:"scopesToSuppress"`
			} `json:"accessTokenGeneration"`
		} `json:"claimsAndScopeOverrideDetails"`
	} `json:"response"`
}

// SuppressScope removes the self-service scope, so that the access token opens our API
// and nothing else.
func (scope) SuppressScope(_ context.Context, event tokenEvent) (tokenEvent, error) {
	event.Response.Overrides.AccessToken.ScopesToSuppress = []string{selfServiceScope}
	return event, nil
}
