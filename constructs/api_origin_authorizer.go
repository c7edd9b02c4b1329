package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

// authorizerPackage is the main package of the authorizer's function.
const authorizerPackage = "github.com/expenzez/infrastructure/constructs/origincheck/authorizer"

// ApiOriginAuthorizerProps are the props of NewApiOriginAuthorizer.
type ApiOriginAuthorizerProps struct {
	// Name is the function's physical name. 1 to 64 letters, digits, and - _. Required.
	Name string
	// Guard holds the secret that CloudFront sends. Required.
	Guard *ApiOriginGuard
	// Code is the authorizer's program. Default: a GoBundle of the package
	// constructs/origincheck/authorizer of this module, built into .build.
	Code FunctionCode
	// Disposable deletes the function's logs with the stack. Default: false.
	Disposable bool
}

// ApiOriginAuthorizer is a Lambda authorizer that refuses requests that did not
// come through CloudFront. It is for HTTP APIs whose functions do not check the
// origin secret themselves with package origincheck, such as functions not written
// in Go. A route can have one authorizer only.
//
// API Gateway answers 401 to a request without the header and does not invoke the
// function. It answers 403 to a wrong value. It caches each result for five
// minutes, so a rotated value stays accepted for up to five minutes.
type ApiOriginAuthorizer struct {
	constructs.Construct
	// Function is the authorizer's function.
	Function *LeastPrivilegeFunction

	authorizer awsapigatewayv2.IHttpRouteAuthorizer
}

// Authorizer returns the authorizer for the routes of an HTTP API.
func (a *ApiOriginAuthorizer) Authorizer() awsapigatewayv2.IHttpRouteAuthorizer { return a.authorizer }

// NewApiOriginAuthorizer makes an ApiOriginAuthorizer. It panics with a *PropsError
// on invalid props.
func NewApiOriginAuthorizer(scope constructs.Construct, id string, props *ApiOriginAuthorizerProps) *ApiOriginAuthorizer {
	p := valueOrZero(props)
	var bad problems
	bad.require(p.Guard != nil, "Guard", "is missing; give the ApiOriginGuard of the API")
	bad.require(functionNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 64 letters, digits, and - _", p.Name)
	bad.panicIfAny("ApiOriginAuthorizer", scope, id)

	if p.Code == nil {
		p.Code = GoBundle{Package: authorizerPackage}
	}
	a := &ApiOriginAuthorizer{}
	constructs.NewConstruct_Override(a, scope, jsii.String(id))
	a.Function = NewLeastPrivilegeFunction(a, "Function", &LeastPrivilegeFunctionProps{
		Name:        p.Name,
		Description: "Refuses requests that did not come through the edge",
		Code:        p.Code,
		Grants:      []Grant{p.Guard.AllowRead()},
		Environment: map[string]string{origincheck.SecretVariable: p.Guard.ARN()},
		Disposable:  p.Disposable,
	})
	a.authorizer = awsapigatewayv2authorizers.NewHttpLambdaAuthorizer(jsii.String(id), a.Function.Alias, &awsapigatewayv2authorizers.HttpLambdaAuthorizerProps{
		AuthorizerName:  jsii.String(p.Name),
		IdentitySource:  jsii.Strings(fmt.Sprintf("$request.header.%s", origincheck.Header)),
		ResponseTypes:   &[]awsapigatewayv2authorizers.HttpLambdaResponseType{awsapigatewayv2authorizers.HttpLambdaResponseType_SIMPLE},
		ResultsCacheTtl: awscdk.Duration_Minutes(jsii.Number(5)),
	})
	return a
}
