package lambdaruntime

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// decodeForm reads a body that is a form into request, as decode reads JSON: its fields are
// texts. Files are left out.
func decodeForm(event *events.APIGatewayV2HTTPRequest, limit int, request any) error {
	path := event.RawPath
	body, err := rawBody(event)
	switch {
	case err != nil:
		return apierror.Invalid(path, "INVALID_BODY", "The request cannot be read.", "").Because(err)
	case len(body) > limit:
		return apierror.Invalid(path, "BODY_TOO_LARGE", "The request is too large.", fmt.Sprintf("at most %d bytes", limit))
	}
	form := &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {event.Headers["content-type"]}}, Body: io.NopCloser(bytes.NewReader(body))}
	_ = form.PostFormValue("") // reads either form; a body that is none has no fields
	fields := map[string]string{}
	for name, values := range form.PostForm {
		if !isText(name) || !isText(values[0]) {
			return notUTF8(path, "the body")
		}
		fields[name] = values[0]
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, request); err != nil {
		return apierror.Invalid(path, "INVALID_TYPE", "The request has a value of the wrong type.", "").Because(err)
	}
	return nil
}
