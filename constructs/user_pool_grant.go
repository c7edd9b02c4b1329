package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
)

// UserPoolOperation is an operation on a Cognito user pool that requires an IAM
// permission, in Cognito's spelling. Operations that a client calls for its user
// (SignUp, InitiateAuth, ForgotPassword, …) need no grant.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html
type UserPoolOperation string

// The operations on users of a pool.
const (
	AdminAddUserToGroup         UserPoolOperation = "AdminAddUserToGroup"
	AdminConfirmSignUp          UserPoolOperation = "AdminConfirmSignUp"
	AdminCreateUser             UserPoolOperation = "AdminCreateUser"
	AdminDeleteUser             UserPoolOperation = "AdminDeleteUser"
	AdminDeleteUserAttributes   UserPoolOperation = "AdminDeleteUserAttributes"
	AdminDisableUser            UserPoolOperation = "AdminDisableUser"
	AdminEnableUser             UserPoolOperation = "AdminEnableUser"
	AdminGetUser                UserPoolOperation = "AdminGetUser"
	AdminInitiateAuth           UserPoolOperation = "AdminInitiateAuth"
	AdminLinkProviderForUser    UserPoolOperation = "AdminLinkProviderForUser"
	AdminListGroupsForUser      UserPoolOperation = "AdminListGroupsForUser"
	AdminRemoveUserFromGroup    UserPoolOperation = "AdminRemoveUserFromGroup"
	AdminResetUserPassword      UserPoolOperation = "AdminResetUserPassword"
	AdminRespondToAuthChallenge UserPoolOperation = "AdminRespondToAuthChallenge"
	AdminSetUserMFAPreference   UserPoolOperation = "AdminSetUserMFAPreference"
	AdminSetUserPassword        UserPoolOperation = "AdminSetUserPassword"
	AdminUpdateUserAttributes   UserPoolOperation = "AdminUpdateUserAttributes"
	AdminUserGlobalSignOut      UserPoolOperation = "AdminUserGlobalSignOut"
	ListUsers                   UserPoolOperation = "ListUsers"
)

// AllowUserPool grants operations on one user pool.
func AllowUserPool(pool awscognito.IUserPool, operations ...UserPoolOperation) Grant {
	requireNotNil("AllowUserPool", "pool", pool)
	actions := make([]string, len(operations))
	for i, o := range operations {
		actions[i] = "cognito-idp:" + string(o)
	}
	return Grant{{Sid: sidOf(pool), Actions: actions, Resources: []string{*pool.UserPoolArn()}}}
}
