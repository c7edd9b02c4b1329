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

// Scope answers the user pool whenever it issues tokens. It has no rights and
// fails no request: a sign-in waits for it, and cannot go without.
var Scope = function.Define(function.Spec[scope]{
	Name:    "pretokengeneration-scope",
	Purpose: "Keeps out of access tokens the scope that opens Cognito itself to whoever has one.",
	New:     func(*function.Resources) (scope, error) { return scope{}, nil },
	Events:  []function.EventOf[scope]{function.OnUserPoolTrigger(function.PreTokenGeneration, scope.SuppressScope)},
	Timeout: 5 * time.Second, // which is how long Cognito waits
})

// selfServiceScope is the scope of Cognito's operations that take an access token, such
// as UpdateUserAttributes, DeleteUser and AssociateSoftwareToken. Every access
// token has it that does not come from a hosted page.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
const selfServiceScope = "aws.cognito.signin.user.admin"

type scope struct{}

// tokenEvent is version 2 of the trigger's event. The types of aws-lambda-go would
// answer with null for all that is not to be changed.
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

// SuppressScope leaves the access token good for our API and nothing else.
func (scope) SuppressScope(_ context.Context, event tokenEvent) (tokenEvent, error) {
	event.Response.Overrides.AccessToken.ScopesToSuppress = []string{selfServiceScope}
	return event, nil
}
