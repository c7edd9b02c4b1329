package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// The texts that the app looks for in messages, or shows as they are
// (docs/decisions/0008). "verify" must not occur in any sign-in message but the
// one for an unconfirmed address.
var (
	errTooMany         = apierror.New(http.StatusTooManyRequests, "LimitExceededException", "Too many attempts. Please try again later.")
	errBadPassword     = apierror.New(http.StatusUnauthorized, "NotAuthorizedException", "Incorrect username or password.")
	errNotConfirmed    = apierror.New(http.StatusForbidden, "UserNotConfirmedException", "Your e-mail address is not confirmed yet.")
	errResetRequired   = apierror.New(http.StatusBadRequest, "PasswordResetRequiredException", "Please reset your password to sign in.")
	errUsernameTaken   = apierror.New(http.StatusConflict, "UsernameExistsException", "This username is already taken.")
	errWeakPassword    = apierror.New(http.StatusBadRequest, "InvalidPasswordException", "The password needs at least 8 characters with upper-case and lower-case letters, a digit and a symbol.")
	errRefused         = apierror.New(http.StatusBadRequest, "InvalidParameterException", "The account cannot be created with these details.")
	errWrongCode       = apierror.New(http.StatusBadRequest, "CodeMismatchException", "Invalid verification code. Please check it and try again.")
	errWrongResetCode  = apierror.New(http.StatusBadRequest, "CodeMismatchException", "Invalid confirmation code. Please check it and try again.")
	errExpiredReset    = apierror.New(http.StatusBadRequest, "ExpiredCodeException", "The confirmation code has expired. Please ask for a new one.")
	errOldPassword     = apierror.New(http.StatusBadRequest, "PasswordHistoryPolicyViolationException", "This password has been used before. Please choose another one.")
	errWeakReset       = apierror.New(http.StatusBadRequest, "InvalidPasswordException", "The password does not meet the requirements: at least 8 characters with upper-case and lower-case letters, a digit and a symbol.")
	errExpiredCode     = apierror.New(http.StatusBadRequest, "ExpiredCodeException", "The verification code has expired. Please ask for a new one.")
	errAlreadyComplete = apierror.New(http.StatusBadRequest, "NotAuthorizedException", "This account is already confirmed.")
	errSessionEnded    = apierror.New(http.StatusUnauthorized, "NotAuthorizedException", "Your session has ended. Please sign in again.")
)

// failures says what the client is told for each exception of Cognito.
type failures map[string]*apierror.Error

var tooMany = failures{
	"LimitExceededException":         errTooMany,
	"TooManyRequestsException":       errTooMany,
	"TooManyFailedAttemptsException": errTooMany,
}

// translate returns the failure for an exception, or the exception itself,
// which is then an internal error.
func (f failures) translate(operation string, err error) error {
	var exception smithy.APIError
	if !errors.As(err, &exception) || refusesClient(exception) {
		return fmt.Errorf("%s: %w", operation, err)
	}
	if exception.ErrorCode() == undeliverable {
		err = errUndeliverable
	}
	for _, known := range []failures{f, tooMany} {
		if failure, ok := known[exception.ErrorCode()]; ok {
			return failure.Because(err)
		}
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// undeliverable is Cognito's exception for a code that it cannot send. Its text may
// be that of SES, which names the recipient, so errUndeliverable stands for it.
const undeliverable = "CodeDeliveryFailureException"

var errUndeliverable = errors.New("the code cannot be sent: " + undeliverable)

// refusesClient tells whether Cognito does not take us for its client. It uses the
// exception of a wrong password for that, too.
func refusesClient(exception smithy.APIError) bool {
	return exception.ErrorCode() == "NotAuthorizedException" && strings.Contains(strings.ToLower(exception.ErrorMessage()), "secret")
}

// userPool is the stage's Cognito user pool. poolID is set only in functions
// that may call administrator operations, app in those that are its client, tickets
// in those that sign users in without a password.
type userPool struct {
	client  *cognito.Client
	poolID  string
	app     poolClient
	tickets ticketIssuer
}

// tokens are what a sign-in or a refresh yields.
type tokens struct {
	AccessToken  string `json:"accessToken"`
	IDToken      string `json:"idToken"`
	RefreshToken string `json:"refreshToken,omitempty"`
}

// SignUp creates an unconfirmed user and has Cognito send a code to the
// address. It returns the new user's id.
func (p *userPool) SignUp(ctx context.Context, username, password, email string) (string, error) {
	proof, err := p.app.secretHash(ctx, username)
	if err != nil {
		return "", err
	}
	out, err := p.client.SignUp(ctx, &cognito.SignUpInput{
		ClientId:       aws.String(p.app.id),
		SecretHash:     aws.String(proof),
		Username:       aws.String(username),
		Password:       aws.String(password),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(email)}},
	})
	if err != nil {
		return "", failures{
			"UsernameExistsException":   errUsernameTaken,
			"InvalidPasswordException":  errWeakPassword,
			"InvalidParameterException": errRefused,
			undeliverable:               apierror.Unavailable.After(time.Second),
		}.translate("sign up", err)
	}
	return aws.ToString(out.UserSub), nil
}

// Confirm confirms a user by the code that was sent. A user who does not exist
// gets the answer of a wrong code.
func (p *userPool) Confirm(ctx context.Context, username, code string) error {
	proof, err := p.app.secretHash(ctx, username)
	if err != nil {
		return err
	}
	_, err = p.client.ConfirmSignUp(ctx, &cognito.ConfirmSignUpInput{
		ClientId:         aws.String(p.app.id),
		SecretHash:       aws.String(proof),
		Username:         aws.String(username),
		ConfirmationCode: aws.String(code),
	})
	if err == nil {
		return nil
	}
	return failures{
		"CodeMismatchException":     errWrongCode,
		"InvalidParameterException": errWrongCode,
		"UserNotFoundException":     errWrongCode,
		"ExpiredCodeException":      errExpiredCode,
		"NotAuthorizedException":    errAlreadyComplete,
	}.translate("confirm sign-up", err)
}

// Resend sends a new code. It is no error that a user does not exist, is confirmed
// already or has been sent too many codes.
func (p *userPool) Resend(ctx context.Context, username string) error {
	proof, err := p.app.secretHash(ctx, username)
	if err != nil {
		return err
	}
	_, err = p.client.ResendConfirmationCode(ctx, &cognito.ResendConfirmationCodeInput{
		ClientId:   aws.String(p.app.id),
		SecretHash: aws.String(proof),
		Username:   aws.String(username),
	})
	return codeFailure("resend code", err)
}

// codeFailure returns the error of an e-mail that Cognito should have sent and has not.
func codeFailure(operation string, err error) error {
	if err == nil {
		return nil
	}
	var exception smithy.APIError
	if !errors.As(err, &exception) || refusesClient(exception) {
		return failures{}.translate(operation, err)
	}
	switch exception.ErrorCode() {
	case "UserNotFoundException", "NotAuthorizedException", // unknown, disabled
		"InvalidParameterException", // confirmed already, or without a confirmed address
		"LimitExceededException":    // has been sent too many
		return nil
	}
	return failures{}.translate(operation, err)
}

// SignIn exchanges a password for tokens.
func (p *userPool) SignIn(ctx context.Context, username, password string) (tokens, error) {
	proof, err := p.app.secretHash(ctx, username)
	if err != nil {
		return tokens{}, err
	}
	out, err := p.client.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId:     aws.String(p.poolID),
		ClientId:       aws.String(p.app.id),
		AuthFlow:       types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": username, "PASSWORD": password, "SECRET_HASH": proof},
		ContextData:    signInContext(ctx),
	})
	if err != nil {
		return tokens{}, signInFailures(err).translate("sign in", err)
	}
	if out.AuthenticationResult == nil {
		return tokens{}, fmt.Errorf("sign in: challenge %q is not supported", out.ChallengeName)
	}
	return tokensOf(out.AuthenticationResult), nil
}

// signInFailures tells a locked account from a wrong password: Cognito uses one
// exception for both and differs only in the text.
func signInFailures(err error) failures {
	known := failures{
		"NotAuthorizedException":         errBadPassword,
		"UserNotFoundException":          errBadPassword,
		"InvalidParameterException":      errBadPassword,
		"UserNotConfirmedException":      errNotConfirmed,
		"PasswordResetRequiredException": errResetRequired,
	}
	if strings.Contains(err.Error(), "Password attempts exceeded") {
		known["NotAuthorizedException"] = errTooMany
	}
	return known
}

// Refresh exchanges a refresh token for new access and ID tokens. The refresh
// token stays valid: the installed app keeps using the one it has.
func (p *userPool) Refresh(ctx context.Context, refreshToken string) (tokens, error) {
	secret, err := p.app.secret(ctx)
	if err != nil {
		return tokens{}, err
	}
	out, err := p.client.GetTokensFromRefreshToken(ctx, &cognito.GetTokensFromRefreshTokenInput{
		ClientId: aws.String(p.app.id), ClientSecret: secret, RefreshToken: aws.String(refreshToken),
	})
	if err != nil {
		return tokens{}, failures{
			"NotAuthorizedException":         errSessionEnded,
			"UserNotFoundException":          errSessionEnded,
			"InvalidParameterException":      errSessionEnded,
			"PasswordResetRequiredException": errSessionEnded,
			"TooManyRequestsException":       apierror.Unavailable.After(time.Second), // too many of all clients together
			"UnexpectedLambdaException":      apierror.Unavailable.After(time.Second), // the trigger before tokens did not answer
		}.translate("refresh", err)
	}
	if out.AuthenticationResult == nil {
		return tokens{}, errors.New("refresh: there are no tokens in the answer")
	}
	return tokensOf(out.AuthenticationResult), nil
}

func tokensOf(result *types.AuthenticationResultType) tokens {
	return tokens{
		AccessToken:  aws.ToString(result.AccessToken),
		IDToken:      aws.ToString(result.IdToken),
		RefreshToken: aws.ToString(result.RefreshToken),
	}
}
