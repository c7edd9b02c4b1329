package lambdaruntime

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

func TestNestingDepth_IgnoresStrings(t *testing.T) {
	for text, want := range map[string]int{
		``:                    0,
		`5`:                   0,
		`[]`:                  1,
		`{"a":[{}]}`:          3,
		`[[],[],{"a":[]}]`:    3,
		`{"a":"[[[{{{"}`:      1,
		`{"a":"\"[[","b":[]}`: 2,
		`{"a":"\\","b":[[]]}`: 3,
		`[\"[[`:               1,
	} {
		if got := nestingDepth([]byte(text)); got != want {
			t.Errorf("%s has %d levels, not %d", text, got, want)
		}
	}
}

func TestDecode_LargestBody_IsAccepted(t *testing.T) {
	nested := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	for name, try := range map[string]struct {
		body  string
		limit int
		taken bool
	}{
		"as many bytes":    {`"four"`, 6, true},
		"one byte more":    {`"fours"`, 6, false},
		"as many levels":   {nested(maxDepth), 1000, true},
		"one level more":   {nested(maxDepth + 1), 1000, false},
		"brackets as text": {`"` + strings.Repeat("[", 100) + `"`, 1000, true},
	} {
		var request any
		err := decode(&events.APIGatewayV2HTTPRequest{Body: try.body}, try.limit, &request)
		var refused *apierror.Error
		if taken := !errors.As(err, &refused); taken != try.taken {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
