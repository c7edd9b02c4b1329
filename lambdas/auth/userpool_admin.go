package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// poolUser is what the pool knows of a user.
type poolUser struct {
	ID, Username, Email string
	// Unconfirmed is set from the sign-up until its code is entered, and not again
	// when the password is to be replaced, which Cognito calls a status as well.
	Unconfirmed bool
}

// SignOut ends the refresh tokens of a user, who must exist.
func (p *userPool) SignOut(ctx context.Context, username string) error {
	_, err := p.client.AdminUserGlobalSignOut(ctx, &cognito.AdminUserGlobalSignOutInput{UserPoolId: aws.String(p.poolID), Username: aws.String(username)})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// Exists tells whether there is a user of this name.
func (p *userPool) Exists(ctx context.Context, username string) (bool, error) {
	_, found, err := p.Find(ctx, username)
	return found, err
}

// Find returns the user of this name or id, and false when there is none. A text that
// Cognito does not take for a name is one that no user has.
func (p *userPool) Find(ctx context.Context, username string) (poolUser, bool, error) {
	out, err := p.client.AdminGetUser(ctx, &cognito.AdminGetUserInput{UserPoolId: aws.String(p.poolID), Username: aws.String(username)})
	var unknown *types.UserNotFoundException
	var impossible *types.InvalidParameterException
	if errors.As(err, &unknown) || errors.As(err, &impossible) {
		return poolUser{}, false, nil
	}
	if err != nil {
		return poolUser{}, false, failures{}.translate("read user", err)
	}
	user := poolUser{
		Username:    aws.ToString(out.Username),
		Unconfirmed: out.UserStatus == types.UserStatusTypeUnconfirmed,
	}
	for _, attribute := range out.UserAttributes {
		switch aws.ToString(attribute.Name) {
		case "sub":
			user.ID = aws.ToString(attribute.Value)
		case "email":
			user.Email = aws.ToString(attribute.Value)
		}
	}
	return user, true, nil
}

// DeleteUser deletes the user with this id, which is an id of nobody else, whereas
// the name may have another user by now. There being none is no error.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteUser.html
func (p *userPool) DeleteUser(ctx context.Context, userID string) error {
	var gone *types.UserNotFoundException
	_, err := p.client.AdminDeleteUser(ctx, &cognito.AdminDeleteUserInput{UserPoolId: aws.String(p.poolID), Username: aws.String(userID)})
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("delete user: %w", err)
	}
	return nil
}
