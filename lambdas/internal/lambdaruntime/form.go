package lambdaruntime

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// decodeForm reads a body that is a form into request, as decode reads JSON: its fields are
// texts. Files are left out.
func decodeForm(event *events.APIGatewayV2HTTPRequest, limit int, request any) error {
	body, err := boundedBody(event, limit)
	if err != nil {
		return err
	}
	form := &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {event.Headers["content-type"]}}, Body: io.NopCloser(bytes.NewReader(body))}
	_ = form.PostFormValue("") // reads either form; a body that is none has no fields
	fields := map[string]string{}
	for name, values := range form.PostForm {
		if !isText(name) || !isText(values[0]) {
			return notUTF8(event.RawPath, "the body")
		}
		fields[name] = values[0]
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, request); err != nil {
		return apierror.Invalid(event.RawPath, "INVALID_TYPE", "The request has a value of the wrong type.", "").Because(err)
	}
	return nil
}
