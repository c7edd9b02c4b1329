package constructs

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ApiReference says where an HTTP API answers: by its custom domain, by its id
// and region, or by the API itself where it is in the same region.
type ApiReference struct {
	// Domain is the API's custom domain, such as "origin-api.example.com",
	// which names nothing of the API and so can be known before it. The API's
	// execute-api endpoint is then best disabled. Default: none.
	Domain string
	// ID is the id of an API made by whatever tool, in Region. Default: none.
	ID string
	// Region is the region of the API with that ID. Default: none.
	Region string
	// Api is an API of this app in the region of the stack that refers to it.
	// Default: none.
	Api awsapigatewayv2.IHttpApi
	// Stage is the stage that answers, where it is another than $default and the
	// API's own host is called: CloudFront puts it before the path. A custom domain
	// has the stage in its mapping already. Default: $default.
	Stage string
}

var (
	hostPattern  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	apiIDPattern = regexp.MustCompile(`^[a-z0-9]{1,32}$`)
)

// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html
var stageNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

func (r ApiReference) isZero() bool { return r == ApiReference{Stage: r.Stage} }

// originPath returns the path under which the stage answers; nil for $default.
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

// check records what is wrong with a reference in scope that is not zero.
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
			"is in %s and the stack in %s, and nothing refers across regions; give Domain, or ID with Region", there, here)
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
