package userpool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// UnconfirmedUser is a user who has not entered the code of the sign-up.
type UnconfirmedUser struct {
	UserID    string
	CreatedAt time.Time
}

// ErrUnknownPage is returned for a page token that Cognito does not accept, such as an
// old one.
var ErrUnknownPage = errors.New("the page token is invalid or has expired")

// ListUnconfirmed returns a page of the users who have not confirmed their sign-up, and
// the token of the next page (ListUsers). The token of the first page, and the one
// after the last page, is "". It returns ErrUnknownPage for an invalid token. Users
// whom the backend created are confirmed, and not in the list.
func (p *Pool) ListUnconfirmed(ctx context.Context, page string) ([]UnconfirmedUser, string, error) {
	in := &cognito.ListUsersInput{
		UserPoolId:      aws.String(p.poolID),
		Filter:          aws.String(`cognito:user_status = "UNCONFIRMED"`),
		AttributesToGet: []string{"sub"}, // no personal data
	}
	if page != "" {
		in.PaginationToken = aws.String(page)
	}
	out, err := p.client.ListUsers(ctx, in)
	var invalid *types.InvalidParameterException
	if page != "" && errors.As(err, &invalid) {
		return nil, "", fmt.Errorf("list users: %w: %w", ErrUnknownPage, err)
	}
	if err != nil {
		return nil, "", exceptionErrors{}.translate("list users", err)
	}
	users := make([]UnconfirmedUser, 0, len(out.Users))
	for _, found := range out.Users {
		user := UnconfirmedUser{CreatedAt: aws.ToTime(found.UserCreateDate)}
		for _, attribute := range found.Attributes {
			if aws.ToString(attribute.Name) == "sub" {
				user.UserID = aws.ToString(attribute.Value)
			}
		}
		users = append(users, user)
	}
	return users, aws.ToString(out.PaginationToken), nil
}
