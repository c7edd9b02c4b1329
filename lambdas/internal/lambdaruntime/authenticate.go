package lambdaruntime

import (
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// authenticate returns the caller from the claims that the API's authorizer has
// checked. The authorizer accepts every token of the pool's client. authenticate
// accepts access tokens only, so a client cannot use an ID token.
func authenticate(access function.Access, event *events.APIGatewayV2HTTPRequest) (function.Caller, error) {
	if access == function.AccessPublic {
		return function.Caller{}, nil
	}
	authorizer := event.RequestContext.Authorizer
	if authorizer == nil || authorizer.JWT == nil {
		return function.Caller{}, apierror.Unauthorized.Because(errors.New("the request has no claims"))
	}
	claims := authorizer.JWT.Claims
	issued, err := strconv.ParseInt(claims["iat"], 10, 64)
	if claims["token_use"] != "access" || claims["sub"] == "" || err != nil {
		return function.Caller{}, apierror.Unauthorized.Because(errors.New("the token is not an access token"))
	}
	signedInAt, err := strconv.ParseInt(claims["auth_time"], 10, 64)
	if err != nil {
		signedInAt = 0 // a session of unknown age counts as the oldest
	}
	return function.Caller{
		UserID:     claims["sub"],
		Username:   claims["username"],
		TokenID:    claims["jti"],
		SessionID:  claims["origin_jti"],
		SignedInAt: time.Unix(signedInAt, 0),
		IssuedAt:   time.Unix(issued, 0),
	}, nil
}
