package auth

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// An unconfirmed account is taken from whoever registered it, or expires: one whose
// password is to be replaced is somebody's, with all that is in it.
func TestAUserWhosePasswordIsToBeReplacedIsNotUnconfirmed(t *testing.T) {
	for status, unconfirmed := range map[string]bool{
		"UNCONFIRMED": true, "CONFIRMED": false, "RESET_REQUIRED": false, "FORCE_CHANGE_PASSWORD": false, "COMPROMISED": false,
	} {
		answer := fmt.Sprintf(`{"Username":"ada","UserStatus":%q,"UserAttributes":[{"Name":"sub","Value":"1"},{"Name":"email","Value":"ada@example.com"}]}`, status)
		pool := &userPool{poolID: "pool", client: cognito.New(cognito.Options{
			Region: "eu-west-2", Credentials: aws.AnonymousCredentials{}, HTTPClient: &http.Client{Transport: script{"AdminGetUser": answer}},
		})}
		user, found, err := pool.Find(t.Context(), "ada")
		if want := (poolUser{ID: "1", Username: "ada", Email: "ada@example.com", Unconfirmed: unconfirmed}); err != nil || !found || user != want {
			t.Errorf("%s: got %+v, %v, %v", status, user, found, err)
		}
	}
}

// Cognito refuses a text that can be no name, which must tell the client no more than
// that it is nobody's.
func TestFind_NameThatCognitoRefuses_IsNobodys(t *testing.T) {
	for exception, known := range map[string]bool{"UserNotFoundException": true, "InvalidParameterException": true, "InternalErrorException": false} {
		refusal := script{"AdminGetUser": `{"__type":"` + exception + `","message":"refused"}`}
		pool := &userPool{poolID: "pool", client: cognito.New(cognito.Options{
			Region: "eu-west-2", Credentials: aws.AnonymousCredentials{}, HTTPClient: &http.Client{Transport: refused{refusal}}, RetryMaxAttempts: 1,
		})}
		if _, found, err := pool.Find(t.Context(), "a b"); found || (err == nil) != known {
			t.Errorf("%s: found %v, %v", exception, found, err)
		}
	}
}

// refused answers with the script, as an error.
type refused struct{ script }

func (r refused) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.script.RoundTrip(request)
	if err == nil {
		response.StatusCode = http.StatusBadRequest
	}
	return response, err
}
