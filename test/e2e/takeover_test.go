package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// takenOver has an intruder prepare every way back into an account, and then has the
// owner reset the password.
func takenOver(t *testing.T) {
	forgetLimits(t)
	google := providers[1]
	proof := google.proof(t, "020.intruder", map[string]any{"email": "hedy.lamarr@example.org", "email_verified": true})
	session, user := google.signIn(t, proof)
	intruder := signedIn{token: accessToken(session)}
	intruder.setPIN(t, "made-up", "48151")
	for i := range 20 {
		id := fmt.Sprint("ios__", i)
		call(t, "POST", "/devices/register", intruder.token, device(id, "iPhone")).is(t, http.StatusOK, "", "")
		call(t, "PUT", "/devices/"+id+"/trust", intruder.token, nil).isDone(t)
	}
	username, _ := user["username"].(string)
	owner := person{username: username, email: "hedy.lamarr@example.org"}
	fresh, _ := tokensOf(owner.resetsPassword(t, "Better-horse-2"))

	call(t, "GET", "/profile", intruder.token, nil).is(t, http.StatusUnauthorized, "", "")
	call(t, "POST", google.path, "", proof).is(t, http.StatusConflict, "EmailExistsException", "")
	signedIn{token: fresh}.offers(t, "ios__hedy", "48151", false)
	call(t, "POST", "/devices/register", fresh, device("ios__hedy", "Hedy's iPhone")).is(t, http.StatusOK, "", "")
	if ids := deviceIDs(t, fresh); !slices.Equal(ids, []string{"ios__hedy"}) {
		t.Errorf("the devices are %v", ids)
	}
	if told := mailsTo(t, owner.email, "every sign-in, 1 PIN, 20 devices, sign in with Google"); len(told) != 1 {
		t.Errorf("%d e-mails tell what ended", len(told))
	}
}

// interruptedRecovery leaves recoveries in the states in which a crashed function
// leaves them.
func interruptedRecovery(t *testing.T) {
	jean := newSignedInUser(t, "jean.sammet")
	call(t, "POST", "/devices/register", jean.token, device(iphone, "Jean's iPhone")).is(t, http.StatusOK, "", "")
	jean.setPIN(t, iphone, "48151")
	item, err := attributevalue.MarshalMap(tables.AccountRecovery{
		Queue: tables.RecoveryQueue, ID: jean.id + "#1", UserID: jean.id, Provider: "Google", Proven: true,
		StartedAt: time.Now().Add(-2 * time.Minute).UnixMilli(),
	})
	if err != nil {
		t.Fatal(err)
	}
	db := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	name := aws.String(physicalName(t, tables.AccountRecoveries.Name))
	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: name, Item: item}); err != nil {
		t.Fatal(err)
	}
	runSchedule(t, physicalName(t, "auth-recovery"))
	call(t, "GET", "/profile", jean.token, nil).is(t, http.StatusUnauthorized, "", "")
	call(t, "POST", "/auth/login", "", map[string]any{"username": jean.username, "password": jean.password}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	if told := mailsTo(t, jean.email, "every sign-in, 1 PIN, 1 device"); len(told) != 1 {
		t.Errorf("%d e-mails tell what ended", len(told))
	}
	if left := everythingStored(t)[tables.AccountRecoveries.Name]; left != "" && left != "[]" {
		t.Errorf("recoveries are left: %s", left)
	}
}

// unlinkedIdentity follows the runbook for a linked identity.
func unlinkedIdentity(t *testing.T) {
	forgetLimits(t)
	google := providers[1]
	address := "radia.perlman@example.org"
	proof := google.proof(t, "021.unlinked", map[string]any{"email": address, "email_verified": true})
	session, _ := google.signIn(t, proof)
	if got := unlink(t, address, "Google"); got != 1 {
		t.Errorf("unlinked %v", got)
	}
	call(t, "GET", "/profile", accessToken(session), nil).is(t, http.StatusUnauthorized, "", "")
	call(t, "POST", google.path, "", proof).is(t, http.StatusConflict, "EmailExistsException", "")
	if told := mailsTo(t, address, "was removed from your"); len(told) != 1 {
		t.Errorf("%d e-mails tell of it", len(told))
	}
	if got := unlink(t, address, "Google"); got != 0 {
		t.Errorf("repeated, unlinked %v", got)
	}
	if events := everythingStored(t)[tables.SecurityEvents.Name]; strings.Count(events, "identity-unlinked") != 2 {
		t.Error("the security events do not tell of it")
	}
}

// unlink runs the runbook's command and returns how many identities it unlinked.
func unlink(t *testing.T, user, provider string) int {
	t.Helper()
	payload := runCommand(t, "accounts.md", strings.NewReplacer("STAGE", "local", "USER", user, "PROVIDER", provider))
	var answer struct{ Unlinked *int }
	if err := json.Unmarshal(payload, &answer); err != nil || answer.Unlinked == nil {
		t.Fatalf("answered %s", payload)
	}
	return *answer.Unlinked
}

// runCommand runs the command of a runbook, with its words in capitals filled in, and
// returns the response.
func runCommand(t *testing.T, runbook string, filled *strings.Replacer) []byte {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "runbooks", runbook))
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`aws lambda invoke --function-name (\S+) --qualifier (\S+) --cli-binary-format raw-in-base64-out --payload '([^']+)' out\.json`).FindSubmatch(page)
	if command == nil {
		t.Fatal("the runbook has no command")
	}
	out, err := lambda.NewFromConfig(stage.AWSConfig(local.Region)).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String(filled.Replace(string(command[1]))), Qualifier: aws.String(string(command[2])), Payload: []byte(filled.Replace(string(command[3]))),
	})
	if err != nil || out.FunctionError != nil {
		t.Fatalf("the command failed: %v %s", err, out.Payload)
	}
	return out.Payload
}
