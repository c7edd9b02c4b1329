package lambdaruntime

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func TestAcceptsGzip_Headers(t *testing.T) {
	large := strings.Repeat("a", minCompressSize)
	for header, takes := range map[string]bool{
		"gzip":                   true,
		"br, GZIP":               true,
		"gzip;q=0.5, br":         true,
		"":                       false,
		"br":                     false,
		"gzip;q=0":               false,
		"br, gzip; q=0.000":      false,
		"gzip;q=0, identity":     false,
		"x-not-gzip":             false,
		"identity;note=\"gzip\"": false,
	} {
		event := events.APIGatewayV2HTTPRequest{Headers: map[string]string{"accept-encoding": header}}
		response, err := encode(&event, large)
		if err != nil || response.IsBase64Encoded != takes {
			t.Errorf("Accept-Encoding %q: compressed %v, %v", header, response.IsBase64Encoded, err)
		}
	}
}

// Lambda takes 6,291,556 bytes of JSON, in which quotes and backslashes of the
// body take two each.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
func TestEncode_LargestResponse_FitsLambdaLimit(t *testing.T) {
	const lambdas = 6_291_556
	for name, tc := range map[string]struct {
		answer any
		fits   bool
	}{
		"text":       {strings.Repeat("a", 5<<20-2), true},
		"quotes":     {strings.Repeat(`"`, 2_000_000), false},
		"objects":    {make([]struct{ A, B, C string }, 200_000), false},
		"less of it": {make([]struct{ A, B, C string }, 100_000), true},
	} {
		response, err := encode(&events.APIGatewayV2HTTPRequest{}, tc.answer)
		sent, _ := json.Marshal(response)
		if (err == nil) != tc.fits || len(sent) > lambdas {
			t.Errorf("%s: %d bytes, %v", name, len(sent), err)
		}
	}
}
