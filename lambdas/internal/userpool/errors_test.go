package userpool

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

func TestSignInErrors_MapExceptions(t *testing.T) {
	for name, try := range map[string]struct {
		exception error
		want      *apierror.Error
	}{
		"wrong password":  {&types.NotAuthorizedException{Message: aws.String("Incorrect username or password.")}, ErrWrongPassword},
		"unknown user":    {&types.UserNotFoundException{}, ErrWrongPassword},
		"locked":          {&types.NotAuthorizedException{Message: aws.String("Password attempts exceeded")}, ErrTooManyAttempts},
		"unconfirmed":     {&types.UserNotConfirmedException{}, ErrNotConfirmed},
		"reset required":  {&types.PasswordResetRequiredException{}, ErrPasswordResetRequired},
		"too many calls":  {&types.TooManyRequestsException{}, ErrTooManyAttempts},
		"Cognito is down": {&types.InternalErrorException{}, apierror.Internal},
	} {
		err := apierror.From(signInErrors(try.exception).translate("sign in", try.exception))
		if !errors.Is(err, try.want) || !errors.Is(err, try.exception) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The message of SES names the recipient.
func TestTranslate_UndeliverableCode_OmitsAddress(t *testing.T) {
	for _, name := range []string{"SignUp", "ResendConfirmationCode", "ForgotPassword"} {
		var log bytes.Buffer
		ctx, _ := telemetry.WithRequest(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), telemetry.Request{})
		err := appClientRequests[name](ctx, poolWith(refusing{"CodeDeliveryFailureException", "The following identities failed the check: ada@example.com"}))
		told := log.String() + fmt.Sprint(err)
		if strings.Contains(told, "ada@example.com") || !strings.Contains(told, "CodeDeliveryFailureException") {
			t.Errorf("%s: logged %s", name, told)
		}
		if name == "SignUp" && !errors.Is(err, apierror.Unavailable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What is an error here is logged and not told
// (TestEmailRoutes_SlowOrFailingDependency_RespondAlike).
func TestCodeError_UserState_ReturnsNil(t *testing.T) {
	for _, name := range []string{"ResendConfirmationCode", "ForgotPassword"} {
		for exception, want := range map[string]error{
			"UserNotFoundException": nil, "InvalidParameterException": nil, "LimitExceededException": nil, "NotAuthorizedException": nil,
			"CodeDeliveryFailureException": errUndeliverable, "TooManyRequestsException": ErrTooManyAttempts, "InternalErrorException": errAny,
		} {
			err := appClientRequests[name](t.Context(), poolWith(refusing{exception, "message of Cognito"}))
			if ok := errors.Is(err, want) || want == errAny && err != nil; !ok {
				t.Errorf("%s, %s: got %v", name, exception, err)
			}
		}
	}
}
