package auth

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// ForgotPassword sends a code with which the password can be replaced. It is no error
// that a user does not exist, has no confirmed address or has been sent too many codes.
func (p *userPool) ForgotPassword(ctx context.Context, username string) error {
	proof, err := p.app.secretHash(ctx, username)
	if err != nil {
		return err
	}
	_, err = p.client.ForgotPassword(ctx, &cognito.ForgotPasswordInput{
		ClientId: aws.String(p.app.id), SecretHash: aws.String(proof), Username: aws.String(username),
	})
	return codeFailure("forgot password", err)
}

// ConfirmForgotPassword replaces the password by the code that was sent. A user
// who does not exist gets the answer of a wrong code.
func (p *userPool) ConfirmForgotPassword(ctx context.Context, username, code, password string) error {
	proof, err := p.app.secretHash(ctx, username)
	if err != nil {
		return err
	}
	_, err = p.client.ConfirmForgotPassword(ctx, &cognito.ConfirmForgotPasswordInput{
		ClientId:         aws.String(p.app.id),
		SecretHash:       aws.String(proof),
		Username:         aws.String(username),
		ConfirmationCode: aws.String(code),
		Password:         aws.String(password),
	})
	if err == nil {
		return nil
	}
	return failures{
		"CodeMismatchException":                   errWrongResetCode,
		"InvalidParameterException":               errWrongResetCode,
		"UserNotFoundException":                   errWrongResetCode,
		"UserNotConfirmedException":               errWrongResetCode,
		"NotAuthorizedException":                  errWrongResetCode,
		"ExpiredCodeException":                    errExpiredReset,
		"InvalidPasswordException":                errWeakReset,
		"PasswordHistoryPolicyViolationException": errOldPassword,
	}.translate("confirm forgot password", err)
}
