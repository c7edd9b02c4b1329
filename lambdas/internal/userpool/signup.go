package userpool

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// SignUp creates an unconfirmed user, and Cognito sends a code to the address (SignUp).
// It returns the new user's id.
func (p *Pool) SignUp(ctx context.Context, username, password, email string) (string, error) {
	secretHash, err := p.app.secretHash(ctx, username)
	if err != nil {
		return "", err
	}
	out, err := p.client.SignUp(ctx, &cognito.SignUpInput{
		ClientId:       aws.String(p.app.id),
		SecretHash:     aws.String(secretHash),
		Username:       aws.String(username),
		Password:       aws.String(password),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(email)}},
	})
	if err != nil {
		return "", exceptionErrors{
			"UsernameExistsException":   ErrUsernameTaken,
			"InvalidPasswordException":  ErrWeakPassword,
			"InvalidParameterException": ErrSignUpRefused,
			undeliverable:               apierror.Unavailable.After(time.Second),
		}.translate("sign up", err)
	}
	return aws.ToString(out.UserSub), nil
}

// ConfirmSignUp confirms a user by the code of the sign-up (ConfirmSignUp). An unknown
// user and a wrong code have the same error, ErrWrongSignUpCode.
func (p *Pool) ConfirmSignUp(ctx context.Context, username, code string) error {
	secretHash, err := p.app.secretHash(ctx, username)
	if err != nil {
		return err
	}
	_, err = p.client.ConfirmSignUp(ctx, &cognito.ConfirmSignUpInput{
		ClientId:         aws.String(p.app.id),
		SecretHash:       aws.String(secretHash),
		Username:         aws.String(username),
		ConfirmationCode: aws.String(code),
	})
	if err == nil {
		return nil
	}
	return exceptionErrors{
		"CodeMismatchException":     ErrWrongSignUpCode,
		"InvalidParameterException": ErrWrongSignUpCode,
		"UserNotFoundException":     ErrWrongSignUpCode,
		"ExpiredCodeException":      ErrExpiredSignUpCode,
		"NotAuthorizedException":    ErrAlreadyConfirmed,
	}.translate("confirm sign-up", err)
}

// ResendSignUpCode sends a new code (ResendConfirmationCode). It returns nil for a user
// who does not exist, is already confirmed or has been sent too many codes.
func (p *Pool) ResendSignUpCode(ctx context.Context, username string) error {
	secretHash, err := p.app.secretHash(ctx, username)
	if err != nil {
		return err
	}
	_, err = p.client.ResendConfirmationCode(ctx, &cognito.ResendConfirmationCodeInput{
		ClientId:   aws.String(p.app.id),
		SecretHash: aws.String(secretHash),
		Username:   aws.String(username),
	})
	return codeError("resend code", err)
}
