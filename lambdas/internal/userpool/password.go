package userpool

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// ForgotPassword sends a code that replaces the password (ForgotPassword). It returns
// nil for a user who does not exist, has no confirmed address or has been sent too many
// codes.
func (p *Pool) ForgotPassword(ctx context.Context, username string) error {
	secretHash, err := p.app.secretHash(ctx, username)
	if err != nil {
		return err
	}
	_, err = p.client.ForgotPassword(ctx, &cognito.ForgotPasswordInput{
		ClientId: aws.String(p.app.id), SecretHash: aws.String(secretHash), Username: aws.String(username),
	})
	return codeError("forgot password", err)
}

// ConfirmForgotPassword replaces the password by the code (ConfirmForgotPassword). An
// unknown user and a wrong code have the same error, ErrWrongResetCode.
func (p *Pool) ConfirmForgotPassword(ctx context.Context, username, code, password string) error {
	secretHash, err := p.app.secretHash(ctx, username)
	if err != nil {
		return err
	}
	_, err = p.client.ConfirmForgotPassword(ctx, &cognito.ConfirmForgotPasswordInput{
		ClientId:         aws.String(p.app.id),
		SecretHash:       aws.String(secretHash),
		Username:         aws.String(username),
		ConfirmationCode: aws.String(code),
		Password:         aws.String(password),
	})
	if err == nil {
		return nil
	}
	return exceptionErrors{
		"CodeMismatchException":                   ErrWrongResetCode,
		"InvalidParameterException":               ErrWrongResetCode,
		"UserNotFoundException":                   ErrWrongResetCode,
		"UserNotConfirmedException":               ErrWrongResetCode,
		"NotAuthorizedException":                  ErrWrongResetCode,
		"ExpiredCodeException":                    ErrExpiredResetCode,
		"InvalidPasswordException":                ErrWeakNewPassword,
		"PasswordHistoryPolicyViolationException": ErrReusedPassword,
	}.translate("confirm forgot password", err)
}

// SetRandomPassword sets a random password that is stored nowhere
// (AdminSetUserPassword).
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html
func (p *Pool) SetRandomPassword(ctx context.Context, username string) error {
	_, err := p.client.AdminSetUserPassword(ctx, &cognito.AdminSetUserPasswordInput{
		UserPoolId: aws.String(p.poolID), Username: aws.String(username),
		Password: aws.String("aA1!" + rand.Text() + rand.Text()), Permanent: true, // the prefix satisfies the password policy
	})
	if err != nil {
		return fmt.Errorf("set a random password: %w", err)
	}
	return nil
}
