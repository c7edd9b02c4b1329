package local

import (
	"testing"
	"time"
)

const authorizationLogLine = `{"time":"2026-11-23T18:16:41.123Z","principal":"anonymous","action":"cognito-idp:SignUp","resource":"*","decision":"allowed","reason":"unsigned operation"}` + "\n"

func TestParseAuthorizationLog_ReadsLineByLine(t *testing.T) {
	denied := `{"time":"2026-11-23T18:16:42Z","principal":"arn:aws:sts::000000000000:assumed-role/r/f","action":"dynamodb:Scan","resource":"arn:aws:dynamodb:eu-west-2:000000000000:table/t","decision":"denied","reason":"No matching Allow statement"}` + "\n"
	got, err := parseAuthorizationLog([]byte(authorizationLogLine + denied + `{"time":"2026-11-`))
	if err != nil || len(got) != 2 {
		t.Fatalf("read %d decisions, %v", len(got), err)
	}
	first := Decision{
		Time: time.Date(2026, 11, 23, 18, 16, 41, 123e6, time.UTC), Principal: "anonymous", Action: "cognito-idp:SignUp",
		Resource: "*", Decision: "allowed", Reason: "unsigned operation",
	}
	if got[0] != first || !got[0].Allowed() || got[1].Allowed() {
		t.Errorf("read %+v", got)
	}
}

func TestParseAuthorizationLog_DamagedLine_IsAnError(t *testing.T) {
	if got, err := parseAuthorizationLog([]byte(authorizationLogLine + "garbage\n")); err == nil || !containsAll(err.Error(), "line 2") {
		t.Errorf("read %v, %v", got, err)
	}
}

func TestAuthorizationLog_NewStage_IsEmpty(t *testing.T) {
	if got, err := newStage(Options{StateDir: t.TempDir()}).AuthorizationLog(); err != nil || len(got) != 0 {
		t.Errorf("read %v, %v", got, err)
	}
}
