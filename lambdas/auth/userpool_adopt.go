package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Create makes a user of this name, whose address is known to be theirs and who has
// a password that nobody knows. It returns the user's id. A user who is there
// already is one that an earlier attempt has made: the name must be one that nobody
// else can have.
func (p *userPool) Create(ctx context.Context, username, email string) (string, error) {
	_, err := p.client.AdminCreateUser(ctx, &cognito.AdminCreateUserInput{
		UserPoolId:    aws.String(p.poolID),
		Username:      aws.String(username),
		MessageAction: types.MessageActionTypeSuppress,
		UserAttributes: []types.AttributeType{
			{Name: aws.String("email"), Value: aws.String(email)},
			{Name: aws.String("email_verified"), Value: aws.String("true")},
		},
	})
	var exists *types.UsernameExistsException
	if err != nil && !errors.As(err, &exists) {
		return "", failures{}.translate("create user", err)
	}
	if err := p.ReplacePassword(ctx, username); err != nil {
		return "", err
	}
	user, found, err := p.Find(ctx, username)
	if err == nil && !found {
		err = errors.New("create user: the user is gone again")
	}
	return user.ID, err
}

// Adopt gives an unconfirmed user to the owner of the address, who has proven to be
// that: the password of the registration opens it no more. It can be repeated.
func (p *userPool) Adopt(ctx context.Context, username string) error {
	_, err := p.client.AdminUpdateUserAttributes(ctx, &cognito.AdminUpdateUserAttributesInput{
		UserPoolId: aws.String(p.poolID), Username: aws.String(username),
		UserAttributes: []types.AttributeType{{Name: aws.String("email_verified"), Value: aws.String("true")}},
	})
	if err != nil {
		return failures{"UserNotFoundException": apierror.Unavailable.After(time.Second)}.translate("adopt user", err) // it has just expired
	}
	if err := p.ReplacePassword(ctx, username); err != nil {
		return err
	}
	_, err = p.client.AdminConfirmSignUp(ctx, &cognito.AdminConfirmSignUpInput{UserPoolId: aws.String(p.poolID), Username: aws.String(username)})
	var confirmed *types.NotAuthorizedException // by the password, or by an earlier attempt
	if err != nil && !errors.As(err, &confirmed) {
		return failures{}.translate("adopt user", err)
	}
	return nil
}

// ReplacePassword sets a random password that is stored nowhere.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html
func (p *userPool) ReplacePassword(ctx context.Context, username string) error {
	_, err := p.client.AdminSetUserPassword(ctx, &cognito.AdminSetUserPasswordInput{
		UserPoolId: aws.String(p.poolID), Username: aws.String(username),
		Password: aws.String("aA1!" + rand.Text() + rand.Text()), Permanent: true, // the prefix is for the pool's rules
	})
	if err != nil {
		return fmt.Errorf("replace the password: %w", err)
	}
	return nil
}
