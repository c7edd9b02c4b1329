package userpool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Exists reports whether there is a user of this name (AdminGetUser).
func (p *Pool) Exists(ctx context.Context, username string) (bool, error) {
	_, found, err := p.Find(ctx, username)
	return found, err
}

// Find returns the user of this name or id, and false without one (AdminGetUser). A
// text that Cognito does not accept as a name has no user.
func (p *Pool) Find(ctx context.Context, username string) (User, bool, error) {
	out, err := p.client.AdminGetUser(ctx, &cognito.AdminGetUserInput{UserPoolId: aws.String(p.poolID), Username: aws.String(username)})
	var unknown *types.UserNotFoundException
	var invalid *types.InvalidParameterException
	if errors.As(err, &unknown) || errors.As(err, &invalid) {
		return User{}, false, nil
	}
	if err != nil {
		return User{}, false, exceptionErrors{}.translate("read user", err)
	}
	user := User{
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

// CreateUser creates a confirmed user with a verified address and a random password,
// and returns the user's id (AdminCreateUser, AdminSetUserPassword, AdminGetUser). It
// can be repeated: a user who already exists counts as created by an earlier attempt.
// The caller therefore chooses a name that only this user can have.
func (p *Pool) CreateUser(ctx context.Context, username, email string) (string, error) {
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
		return "", exceptionErrors{}.translate("create user", err)
	}
	if err := p.SetRandomPassword(ctx, username); err != nil {
		return "", err
	}
	user, found, err := p.Find(ctx, username)
	if err == nil && !found {
		err = errors.New("create user: the user is gone again")
	}
	return user.ID, err
}

// ConfirmByProvider confirms a user whose address a provider has verified, and replaces
// the password of the sign-up by a random one (AdminUpdateUserAttributes,
// AdminSetUserPassword, AdminConfirmSignUp). It can be repeated.
func (p *Pool) ConfirmByProvider(ctx context.Context, username string) error {
	_, err := p.client.AdminUpdateUserAttributes(ctx, &cognito.AdminUpdateUserAttributesInput{
		UserPoolId: aws.String(p.poolID), Username: aws.String(username),
		UserAttributes: []types.AttributeType{{Name: aws.String("email_verified"), Value: aws.String("true")}},
	})
	if err != nil {
		// An unknown user has expired since the caller found it.
		return exceptionErrors{"UserNotFoundException": apierror.Unavailable.After(time.Second)}.translate("confirm user", err)
	}
	if err := p.SetRandomPassword(ctx, username); err != nil {
		return err
	}
	_, err = p.client.AdminConfirmSignUp(ctx, &cognito.AdminConfirmSignUpInput{UserPoolId: aws.String(p.poolID), Username: aws.String(username)})
	var confirmed *types.NotAuthorizedException // by the new password, or by an earlier attempt
	if err != nil && !errors.As(err, &confirmed) {
		return exceptionErrors{}.translate("confirm user", err)
	}
	return nil
}

// SignOut ends the refresh tokens of a user, who must exist (AdminUserGlobalSignOut).
func (p *Pool) SignOut(ctx context.Context, username string) error {
	_, err := p.client.AdminUserGlobalSignOut(ctx, &cognito.AdminUserGlobalSignOutInput{UserPoolId: aws.String(p.poolID), Username: aws.String(username)})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// DeleteUser deletes the user with this id, and returns nil without such a user
// (AdminDeleteUser). It takes the id, because the username may belong to another user
// by now.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteUser.html
func (p *Pool) DeleteUser(ctx context.Context, userID string) error {
	var gone *types.UserNotFoundException
	_, err := p.client.AdminDeleteUser(ctx, &cognito.AdminDeleteUserInput{UserPoolId: aws.String(p.poolID), Username: aws.String(userID)})
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("delete user: %w", err)
	}
	return nil
}
