package lambdaruntime

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

type formRequest struct {
	OneClick string `json:"List-Unsubscribe"`
}

const urlEncoded = "application/x-www-form-urlencoded"

func TestDecodeForm_EitherEncoding_IsRead(t *testing.T) {
	multipart := strings.ReplaceAll("--b\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\n\nOne-Click\n--b--\n", "\n", "\r\n")
	for name, c := range map[string]struct{ contentType, body, want string }{
		"URL-encoded":     {urlEncoded, "List-Unsubscribe=One-Click", "One-Click"},
		"with a charset":  {urlEncoded + "; charset=UTF-8", "a=b&List-Unsubscribe=One%2DClick&List-Unsubscribe=x", "One-Click"},
		"multipart":       {"multipart/form-data; boundary=b", multipart, "One-Click"},
		"JSON":            {"application/json", `{"List-Unsubscribe":"One-Click"}`, ""},
		"no content type": {"", "List-Unsubscribe=One-Click", ""},
		"a cut multipart": {"multipart/form-data; boundary=b", multipart[:30], ""},
		"no boundary":     {"multipart/form-data", multipart, ""},
		"bad escapes":     {urlEncoded, "List-Unsubscribe=%zz", ""},
		"nothing":         {urlEncoded, "", ""},
	} {
		for _, encoded := range []bool{false, true} {
			event := events.APIGatewayV2HTTPRequest{Headers: map[string]string{"content-type": c.contentType}, Body: c.body, IsBase64Encoded: encoded}
			if encoded {
				event.Body = base64.StdEncoding.EncodeToString([]byte(c.body))
			}
			var got formRequest
			if err := decodeForm(&event, 1000, &got); err != nil || got.OneClick != c.want {
				t.Errorf("%s: got %q, %v", name, got.OneClick, err)
			}
		}
	}
}

func TestDecodeForm_BadBody_IsRefused(t *testing.T) {
	for code, event := range map[string]events.APIGatewayV2HTTPRequest{
		"BODY_TOO_LARGE": {Body: "List-Unsubscribe=" + strings.Repeat("x", 1000)},
		"INVALID_TEXT":   {Body: "List-Unsubscribe=%ff"},
		"INVALID_BODY":   {Body: "%", IsBase64Encoded: true},
	} {
		event.Headers = map[string]string{"content-type": urlEncoded}
		var got formRequest
		var refused *apierror.Error
		if err := decodeForm(&event, 1000, &got); !errors.As(err, &refused) || refused.Code != code || refused.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %v", code, err)
		}
	}
}

func TestEncode_Page_IsHTMLWhoseFormLeadsToTheAPI(t *testing.T) {
	got, err := encode(&events.APIGatewayV2HTTPRequest{}, function.PageResponse("<p>"))
	if err != nil || got.Body != "<p>" || got.Headers["Content-Type"] != "text/html; charset=utf-8" {
		t.Errorf("got %+v, %v", got, err)
	}
	if policy := got.Headers["Content-Security-Policy"]; !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "form-action 'self'") {
		t.Errorf("the policy is %s", policy)
	}
}
