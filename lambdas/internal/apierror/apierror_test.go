package apierror_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

func encode(t *testing.T, err *apierror.Error, path string) map[string]any {
	t.Helper()
	text, _ := json.Marshal(err.Body(path, "req-1", time.UnixMilli(1700000000000)))
	var body map[string]any
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	if body["requestId"] != "req-1" || body["timestamp"] != 1.7e12 {
		t.Errorf("request id or timestamp is missing in %s", text)
	}
	return body
}

func TestBody_AuthPath_HasErrorName(t *testing.T) {
	body := encode(t, apierror.New(http.StatusConflict, "UsernameExistsException", "Taken."), "/auth/register")
	if body["error"] != "UsernameExistsException" || body["message"] != "Taken." {
		t.Errorf("got %v", body)
	}
}

func TestBody_OtherPath_HasErrorObject(t *testing.T) {
	body := encode(t, apierror.NotFound, "/profile")
	detail, ok := body["error"].(map[string]any)
	if !ok || detail["code"] != "NOT_FOUND" || detail["message"] == "" {
		t.Errorf("got %v", body)
	}
}

func TestBody_422And429_HaveNoErrorKey(t *testing.T) {
	for _, status := range []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests} {
		body := encode(t, apierror.New(status, "LIMIT", "No more."), "/profile")
		if _, has := body["error"]; has || body["code"] != "LIMIT" || body["message"] != "No more." {
			t.Errorf("status %d: got %v", status, body)
		}
	}
}

func TestFrom_UnknownError_IsInternalWithoutDetails(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.1: secret detail")
	err := apierror.From(fmt.Errorf("load user: %w", cause))
	if err.Status != http.StatusInternalServerError || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	text, _ := json.Marshal(err.Body("/profile", "r", time.Now()))
	if strings.Contains(string(text), "secret") {
		t.Errorf("the cause leaks: %s", text)
	}
}

func TestError_WithCause_ContainsCause(t *testing.T) {
	plain := apierror.New(http.StatusConflict, "TAKEN", "Taken.")
	if plain.Error() != "TAKEN: Taken." || plain.Because(errors.New("by ada")).Error() != "TAKEN: Taken.: by ada" {
		t.Errorf("%v, %v", plain, plain.Because(errors.New("by ada")))
	}
}

func TestFrom_WrappedError_IsFound(t *testing.T) {
	if err := apierror.From(fmt.Errorf("login: %w", apierror.NotFound.Because(errors.New("x")))); !errors.Is(err, apierror.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestInvalid_StatusDependsOnPath(t *testing.T) {
	if err := apierror.Invalid("/auth/login", "X", "m", ""); err.Status != 400 || err.Code != "InvalidParameterException" {
		t.Errorf("got %+v", err)
	}
	if err := apierror.Invalid("/profile", "VALIDATION_ERROR", "m", ""); err.Status != 422 || err.Code != "VALIDATION_ERROR" {
		t.Errorf("got %+v", err)
	}
}
