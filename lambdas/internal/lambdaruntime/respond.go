package lambdaruntime

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

const (
	// minCompressSize is the size in bytes from which a response is compressed.
	// Compressing a smaller one takes more time than it saves on a phone's network.
	minCompressSize = 8 << 10
	// maxResponseSize is the largest body in bytes, as it is sent. Lambda accepts 6
	// MB of JSON, including everything around the body.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	maxResponseSize = 6<<20 - 4<<10
)

var errResponseTooLarge = apierror.New(http.StatusUnprocessableEntity, "ANSWER_TOO_LARGE", "There is too much to send at once. Please ask for less.")

// encode returns a value as a JSON response, or a page as HTML. JSON is compressed when it is large and the
// client accepts gzip. It returns errResponseTooLarge for a response that Lambda
// could not send.
func encode(event *events.APIGatewayV2HTTPRequest, value any) (events.APIGatewayV2HTTPResponse, error) {
	if page, is := value.(function.PageResponse); is {
		return pageResponse(page), nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, fmt.Errorf("encode answer: %w", err)
	}
	response := events.APIGatewayV2HTTPResponse{
		StatusCode: http.StatusOK,
		Headers:    responseHeaders(),
		Body:       string(body),
	}
	if len(body) >= minCompressSize && acceptsGzip(event.Headers["accept-encoding"]) {
		if response.Body, err = gzipBase64(body); err != nil {
			return events.APIGatewayV2HTTPResponse{}, fmt.Errorf("compress answer: %w", err)
		}
		response.IsBase64Encoded = true
		response.Headers["Content-Encoding"] = "gzip"
		response.Headers["Vary"] = "Accept-Encoding"
	}
	if size := escapedSize(response.Body); size > maxResponseSize {
		return events.APIGatewayV2HTTPResponse{}, errResponseTooLarge.Because(fmt.Errorf("the answer has %d bytes", size))
	}
	return response, nil
}

// pageResponse returns a page that a browser shows. Its form leads to the API only.
func pageResponse(page function.PageResponse) events.APIGatewayV2HTTPResponse {
	headers := responseHeaders()
	headers["Content-Type"] = "text/html; charset=utf-8"
	headers["Content-Security-Policy"] += "; base-uri 'none'; form-action 'self'"
	return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Headers: headers, Body: string(page)}
}

// escapedSize returns the size of a body inside the JSON that Lambda receives, where
// quotes and backslashes are escaped. encoding/json has escaped everything else
// already.
func escapedSize(body string) int {
	return len(body) + strings.Count(body, `"`) + strings.Count(body, `\`)
}

// acceptsGzip reports whether an Accept-Encoding header names gzip with a weight
// above zero.
// https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
func acceptsGzip(header string) bool {
	for coding := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			_, value, weighed := strings.Cut(weight, "=")
			return !weighed || strings.Trim(value, " 0.") != ""
		}
	}
	return false
}

// respond returns the response for a failure.
func (h *Handler) respond(event *events.APIGatewayV2HTTPRequest, failure *apierror.Error) events.APIGatewayV2HTTPResponse {
	response, err := encode(event, failure.Body(event.RawPath, event.RequestContext.RequestID, h.now()))
	if err != nil {
		panic(err) // the body of an error has strings and numbers only, and is small
	}
	response.StatusCode = failure.Status
	if failure.RetryAfter > 0 {
		response.Headers["Retry-After"] = strconv.FormatInt(int64((failure.RetryAfter+time.Second-1)/time.Second), 10)
	}
	return response
}

func gzipBase64(body []byte) (string, error) {
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	if _, err := w.Write(body); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(buffer.Bytes()), nil
}
