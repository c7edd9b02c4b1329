package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// unconfirmedUser is a user who has not entered the code that Cognito sent.
type unconfirmedUser struct {
	userID    string
	createdAt time.Time
}

// errUnknownPage is returned for a page that Cognito does not take, such as an old one.
var errUnknownPage = errors.New("the page token is invalid or has expired")

// Unconfirmed returns a page of the users who have not confirmed their sign-up, and
// where the next one begins. The first begins at "", as does what follows the last. It
// returns errUnknownPage for a page that is none. Users whom the backend creates are no sign-ups, and not among them.
func (p *userPool) Unconfirmed(ctx context.Context, page string) ([]unconfirmedUser, string, error) {
	in := &cognito.ListUsersInput{
		UserPoolId:      aws.String(p.poolID),
		Filter:          aws.String(`cognito:user_status = "UNCONFIRMED"`),
		AttributesToGet: []string{"sub"}, // and nothing personal
	}
	if page != "" {
		in.PaginationToken = aws.String(page)
	}
	out, err := p.client.ListUsers(ctx, in)
	var invalid *types.InvalidParameterException
	if page != "" && errors.As(err, &invalid) {
		return nil, "", fmt.Errorf("list users: %w: %w", errUnknownPage, err)
	}
	if err != nil {
		return nil, "", failures{}.translate("list users", err)
	}
	users := make([]unconfirmedUser, 0, len(out.Users))
	for _, found := range out.Users {
		user := unconfirmedUser{createdAt: aws.ToTime(found.UserCreateDate)}
		for _, attribute := range found.Attributes {
			if aws.ToString(attribute.Name) == "sub" {
				user.userID = aws.ToString(attribute.Value)
			}
		}
		users = append(users, user)
	}
	return users, aws.ToString(out.PaginationToken), nil
}
