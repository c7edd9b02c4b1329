package constructs

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EdgeCors answers CORS requests from origins that the HTTP API does not accept,
// such as capacitor://localhost. Let the API answer http and https origins itself.
// CloudFront runs no function on responses of 400 and above, so only the API's own
// headers reach a page with an error.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
type EdgeCors struct {
	// Origins are exact origins, such as "capacitor://localhost". Default: none,
	// the API answers all CORS requests.
	Origins []string
	// Methods are the methods that pages may use. Default: GET, POST, PUT,
	// PATCH, DELETE.
	Methods []string
	// Headers are the request headers that pages may set, such as "authorization".
	// Default: only the CORS-safelisted headers.
	Headers []string
	// MaxAge is how long a browser may cache a preflight response, in whole seconds
	// up to 24 hours. Default: 5 minutes.
	MaxAge time.Duration
	// AllowCredentials lets pages send cookies. Default: false.
	AllowCredentials bool
}

//go:embed edge_cors.js
var edgeCorsCode string

var (
	// https://www.rfc-editor.org/rfc/rfc9110.html#name-tokens, without *.
	tokenPattern = regexp.MustCompile("^[A-Za-z0-9!#$%&'+.^_`|~-]+$")
)

func (c EdgeCors) withDefaults() EdgeCors {
	if len(c.Methods) == 0 {
		c.Methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	}
	c.MaxAge = orDefault(c.MaxAge, 5*time.Minute)
	return c
}

func (c EdgeCors) check(prop string, p *problems) {
	for i, origin := range c.Origins {
		p.require(originPattern.MatchString(origin), fmt.Sprintf("%s.Origins[%d]", prop, i),
			"is %q; write an exact origin such as capacitor://localhost, without a path or a wildcard", origin)
	}
	p.requireWithin(edgeFunctionSize, prop+".Origins", len(c.code("")), "name fewer origins, methods and headers")
	for i, method := range c.Methods {
		p.require(oneOf(method, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"), fmt.Sprintf("%s.Methods[%d]", prop, i),
			"is %q; use GET, HEAD, POST, PUT, PATCH or DELETE", method)
	}
	for i, header := range c.Headers {
		p.require(tokenPattern.MatchString(header), fmt.Sprintf("%s.Headers[%d]", prop, i), "is %q; write the name of one header", header)
	}
	p.require(c.MaxAge > 0 && c.MaxAge <= 24*time.Hour && c.MaxAge%time.Second == 0, prop+".MaxAge",
		"is %v; use whole seconds up to 24 hours", c.MaxAge)
}

// originModule is the first line of a function that changes what is sent to the origin.
const originModule = "import cf from 'cloudfront';\n"

// code returns the function's code with this configuration. The host is the Host header
// of requests to the API, or nothing where CloudFront sets it.
func (c EdgeCors) code(host string) string {
	configuration, err := json.Marshal(map[string]any{
		"origins":     append([]string{}, c.Origins...), // never null
		"methods":     strings.Join(c.Methods, ", "),
		"headers":     strings.Join(c.Headers, ", "),
		"maxAge":      fmt.Sprint(int(c.MaxAge.Seconds())),
		"credentials": c.AllowCredentials,
		"host":        host,
	})
	if err != nil {
		panic(err) // strings and a bool always encode
	}
	code := strings.Replace(edgeCorsCode, "CONFIGURATION", string(configuration), 1)
	if host != "" {
		code = originModule + code
	}
	return code
}

// functionAssociations makes the CloudFront function and its triggers. The function
// sets the header with the client's IP address in every request, whether or not there
// are origins. It sets the Host header to host, unless host is empty.
func (c EdgeCors) functionAssociations(scope constructs.Construct, name, host string) *[]*awscloudfront.FunctionAssociation {
	function := awscloudfront.NewFunction(scope, jsii.String("EdgeFunction"), &awscloudfront.FunctionProps{
		FunctionName: jsii.String(name + "-edge"), // CDK's own name would be the same for every construct at the same path
		Code:         awscloudfront.FunctionCode_FromInline(jsii.String(c.code(host))),
		Runtime:      awscloudfront.FunctionRuntime_JS_2_0(),
		Comment:      jsii.String("Sets the client's IP address, answers origins that the API cannot be given"),
	})
	triggers := []*awscloudfront.FunctionAssociation{{EventType: awscloudfront.FunctionEventType_VIEWER_REQUEST, Function: function}}
	if len(c.Origins) > 0 {
		triggers = append(triggers, &awscloudfront.FunctionAssociation{EventType: awscloudfront.FunctionEventType_VIEWER_RESPONSE, Function: function})
	}
	return &triggers
}
