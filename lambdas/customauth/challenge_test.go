package customauth

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/internal/signinticket"
)

// checker takes the ticket "good" of ada for the challenge "n1".
type checker struct{ fails error }

func (c checker) Check(_ context.Context, ticket, username, nonce string) error {
	if c.fails != nil {
		return c.fails
	}
	if ticket == "good" && username == "ada" && nonce == "n1" {
		return nil
	}
	return signinticket.ErrInvalid
}

func answered(name string, right bool) *events.CognitoEventUserPoolsChallengeResult {
	return &events.CognitoEventUserPoolsChallengeResult{ChallengeName: name, ChallengeResult: right}
}

func TestDefine_IssuesTokensForOneRightAnswer(t *testing.T) {
	type session = []*events.CognitoEventUserPoolsChallengeResult
	for name, try := range map[string]struct {
		session             session
		unknown             bool
		asks, issues, fails bool
	}{
		"at first":                         {asks: true},
		"at first, of an unknown user":     {unknown: true, asks: true},
		"a right answer":                   {session: session{answered(customChallenge, true)}, issues: true},
		"a right answer of an unknown one": {session: session{answered(customChallenge, true)}, unknown: true, fails: true},
		"a wrong answer":                   {session: session{answered(customChallenge, false)}, fails: true},
		"a right answer after a wrong one": {session: session{answered(customChallenge, false), answered(customChallenge, true)}, fails: true},
		"two right answers":                {session: session{answered(customChallenge, true), answered(customChallenge, true)}, fails: true},
		"the start of SRP":                 {session: session{answered("SRP_A", true)}, fails: true},
		"a password":                       {session: session{answered("PASSWORD_VERIFIER", true)}, fails: true},
	} {
		var in events.CognitoEventUserPoolsDefineAuthChallenge
		in.Request.Session, in.Request.UserNotFound = try.session, try.unknown
		in.Response.IssueTokens, in.Response.ChallengeName = true, "SRP_A" // whatever was there
		out, err := (&challenge{}).Define(t.Context(), in)
		got := out.Response
		if err != nil || (got.ChallengeName == customChallenge) != try.asks || got.IssueTokens != try.issues || got.FailAuthentication != try.fails {
			t.Errorf("%s: answered %+v, %v", name, got, err)
		}
	}
}

func TestCreate_EachChallenge_HasItsOwnNonce(t *testing.T) {
	c := &challenge{newNonce: signinticket.NewNonce}
	seen := map[string]bool{}
	for range 10 {
		out, err := c.Create(t.Context(), events.CognitoEventUserPoolsCreateAuthChallenge{})
		nonce := out.Response.PrivateChallengeParameters[signinticket.NonceParameter]
		if err != nil || nonce == "" || seen[nonce] || out.Response.PublicChallengeParameters[signinticket.NonceParameter] != nonce {
			t.Errorf("answered %+v, %v", out.Response, err)
		}
		seen[nonce] = true
	}
}

func TestVerify_TakesTicketOfUserAndChallengeOnly(t *testing.T) {
	for name, try := range map[string]struct {
		user, nonce string
		answer      any
		unknown     bool
		right       bool
	}{
		"the ticket":        {"ada", "n1", "good", false, true},
		"another answer":    {"ada", "n1", "bad", false, false},
		"no text":           {"ada", "n1", map[string]any{"a": "good"}, false, false},
		"no answer":         {"ada", "n1", nil, false, false},
		"another user":      {"bob", "n1", "good", false, false},
		"another challenge": {"ada", "n2", "good", false, false},
		"an unknown user":   {"ada", "n1", "good", true, false},
	} {
		var in events.CognitoEventUserPoolsVerifyAuthChallenge
		in.UserName, in.Request.ChallengeAnswer, in.Request.UserNotFound = try.user, try.answer, try.unknown
		in.Request.PrivateChallengeParameters = map[string]string{signinticket.NonceParameter: try.nonce}
		in.Response.AnswerCorrect = true // whatever was there
		out, err := (&challenge{tickets: checker{}}).Verify(t.Context(), in)
		if err != nil || out.Response.AnswerCorrect != try.right {
			t.Errorf("%s: answered %+v, %v", name, out.Response, err)
		}
	}
}

func TestVerify_SecretUnavailable_Fails(t *testing.T) {
	down := errors.New("down")
	var in events.CognitoEventUserPoolsVerifyAuthChallenge
	in.UserName, in.Request.ChallengeAnswer = "ada", "good"
	out, err := (&challenge{tickets: checker{fails: down}}).Verify(t.Context(), in)
	if !errors.Is(err, down) || out.Response.AnswerCorrect {
		t.Errorf("answered %+v, %v", out.Response, err)
	}
}
