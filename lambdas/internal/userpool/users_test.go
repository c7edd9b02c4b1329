package userpool

import (
	"errors"
	"fmt"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// An unconfirmed account expires or goes to the owner of its address. A user whose
// password must be replaced keeps the account and its data.
func TestFind_PasswordToBeReplaced_IsNotUnconfirmed(t *testing.T) {
	for status, unconfirmed := range map[string]bool{
		"UNCONFIRMED": true, "CONFIRMED": false, "RESET_REQUIRED": false, "FORCE_CHANGE_PASSWORD": false, "COMPROMISED": false,
	} {
		answer := fmt.Sprintf(`{"Username":"ada","UserStatus":%q,"UserAttributes":[{"Name":"sub","Value":"1"},{"Name":"email","Value":"ada@example.com"}]}`, status)
		user, found, err := poolWith(script{"AdminGetUser": answer}).Find(t.Context(), "ada")
		if want := (User{ID: "1", Username: "ada", Email: "ada@example.com", Unconfirmed: unconfirmed}); err != nil || !found || user != want {
			t.Errorf("%s: got %+v, %v, %v", status, user, found, err)
		}
	}
}

// The error of an invalid name would tell the client more than that no user has it.
func TestFind_InvalidName_HasNoUser(t *testing.T) {
	for exception, known := range map[string]bool{"UserNotFoundException": true, "InvalidParameterException": true, "InternalErrorException": false} {
		if _, found, err := poolWith(script{"AdminGetUser": exception}).Find(t.Context(), "a b"); found || (err == nil) != known {
			t.Errorf("%s: found %v, %v", exception, found, err)
		}
	}
}

func TestConfirmByProvider_ExpiredUser_ReturnsUnavailable(t *testing.T) {
	pool := poolWith(refusing{"UserNotFoundException", "User does not exist."})
	if err := pool.ConfirmByProvider(t.Context(), "trap"); !errors.Is(err, apierror.Unavailable) {
		t.Errorf("got %v", err)
	}
}
