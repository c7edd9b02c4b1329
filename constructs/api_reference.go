package constructs

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ApiReference identifies an HTTP API by its custom domain, by its id and region,
// or by the CDK API if it is in the same region.
type ApiReference struct {
	// Domain is the API's custom domain, such as "origin-api.example.com". The
	// domain does not depend on the API, so it can be known before the API exists.
	// Disable the API's execute-api endpoint when you use a domain. Default: none.
	Domain string
	// ID is the id of an API in Region, made by any tool. Default: none.
	ID string
	// Region is the region of the API with ID. Default: none.
	Region string
	// Api is an API of this app in the region of the referring stack. Default:
	// none.
	Api awsapigatewayv2.IHttpApi
	// Stage is the API's stage. CloudFront puts a stage other than $default before
	// the path. Leave it out with Domain, whose mapping names the stage. Default:
	// $default.
	Stage string
}

var (
	hostPattern  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	apiIDPattern = regexp.MustCompile(`^[a-z0-9]{1,32}$`)
)

// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html
var stageNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

func (r ApiReference) isZero() bool { return r == ApiReference{Stage: r.Stage} }

// originPath returns the path prefix of the stage, or nil for $default.
func (r ApiReference) originPath() *string {
	if r.Stage == "" || r.Stage == "$default" {
		return nil
	}
	return jsii.String("/" + r.Stage)
}

func (r ApiReference) checkStage(prop string, p *problems) {
	p.require(r.Stage == "" || r.Stage == "$default" || stageNamePattern.MatchString(r.Stage), prop+".Stage",
		"is %q; give the stage's name, such as prod, without a slash", r.Stage)
	p.require(r.Stage == "" || r.Domain == "", prop+".Stage", "is given with Domain, whose mapping names the stage; leave it out")
}

// check records the problems of a reference that is not zero.
func (r ApiReference) check(scope constructs.Construct, prop string, p *problems) {
	ways := 0
	for _, given := range []bool{r.Domain != "", r.ID != "" || r.Region != "", r.Api != nil} {
		if given {
			ways++
		}
	}
	p.require(ways == 1, prop, "names the API in %d ways; give Domain, or ID with Region, or Api", ways)
	if r.Domain != "" {
		p.require(isToken(r.Domain) || hostPattern.MatchString(r.Domain), prop+".Domain",
			"is %q; give a host name in small letters, without https://", r.Domain)
	}
	if r.ID != "" || r.Region != "" {
		p.require(isToken(r.ID) || apiIDPattern.MatchString(r.ID), prop+".ID", "is %q; give the API's id, such as a1b2c3d4e5", r.ID)
		p.require(regionPattern.MatchString(r.Region), prop+".Region", "is %q; give the API's region, such as eu-west-2", r.Region)
	}
	if r.Api != nil {
		here, there := *awscdk.Stack_Of(scope).Region(), *r.Api.Env().Region
		p.require(here == there, prop+".Api",
			"is in %s and the stack in %s, and a reference cannot cross regions; give Domain, or ID with Region", there, here)
	}
}

// host is the API's host name.
func (r ApiReference) host() string {
	switch {
	case r.Domain != "":
		return r.Domain
	case r.Api != nil:
		return executeAPIHost(*r.Api.ApiId(), *r.Api.Env().Region)
	}
	return executeAPIHost(r.ID, r.Region)
}

func executeAPIHost(id, region string) string {
	return id + "." + serviceHost("execute-api", region)
}
