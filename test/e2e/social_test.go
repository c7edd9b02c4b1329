package e2e_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/local"
)

// provider is Apple or Google as the app uses it.
type provider struct{ name, path string }

var providers = []provider{{"apple", "/auth/apple-login"}, {"google", "/auth/google-login"}}

// proof returns the request body with an identity token that the provider's stand-in
// signed, with changed claims.
func (p provider) proof(t *testing.T, subject string, claims map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	var issued map[string]any
	callFakes(t, "POST", "/-/"+p.name+"/sign-in?subject="+subject, body, &issued)
	if p.name == "google" {
		issued["user"] = map[string]any{"id": "ignored", "email": "eve@example.com", "givenName": "Eve"}
		return issued
	}
	issued["user"], issued["email"], issued["fullName"] = "ignored", nil, nil
	return issued
}

// callFakes calls an endpoint that controls the stand-ins.
func callFakes(t *testing.T, method, path string, body []byte, out any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, stage.FakesURL()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := httpClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s answered %d", method, path, response.StatusCode)
	}
	if out != nil {
		if err := json.NewDecoder(response.Body).Decode(out); err != nil {
			t.Fatal(err)
		}
	}
}

// signIn returns the response to a sign-in with the provider that must succeed, and the
// user in it.
func (p provider) signIn(t *testing.T, proof map[string]any) (answer, map[string]any) {
	t.Helper()
	got := call(t, "POST", p.path, "", proof)
	got.is(t, http.StatusOK, "", "")
	user, _ := got.body["user"].(map[string]any)
	if user["id"] == "" || user["id"] != user["sub"] {
		t.Fatalf("the user is %v", user)
	}
	call(t, "GET", "/profile", accessToken(got), nil).is(t, http.StatusOK, "", "")
	return got, user
}

func accessToken(session answer) string {
	issued, _ := session.body["tokens"].(map[string]any)
	token, _ := issued["accessToken"].(string)
	return token
}

func socialSignIn(t *testing.T) {
	for _, p := range providers {
		t.Run(p.name, func(t *testing.T) {
			for _, part := range []struct {
				name string
				test func(*testing.T)
			}{
				{"an outage", p.outage},
				{"a new account", p.newAccount},
				{"an account that is confirmed", p.confirmedAccount},
				{"an account whose owner proved the address", p.provenAccount},
				{"an account that is not", p.unconfirmedAccount},
				{"an address that the provider does not host", p.unhostedAddress},
				{"an address that is not vouched for", p.unknownAddress},
				{"what is left of an account", p.leftovers},
				{"forged tokens", p.forgedTokens},
				{"several at once", p.parallelFirstSignIns},
			} {
				t.Run(part.name, func(t *testing.T) {
					forgetLimits(t)
					part.test(t)
				})
			}
		})
	}
	t.Run("what is revoked at Apple", revokedAtApple)
	t.Run("challenges of a stranger", strangersChallenge)
	t.Run("a rotated secret", rotatedSecret)
}

func (p provider) newAccount(t *testing.T) {
	address := "New." + p.name + "@example.com"
	proof := p.proof(t, "001."+p.name, map[string]any{"email": address, "email_verified": true})
	if p.name == "apple" {
		proof["email"], proof["fullName"] = address, map[string]any{"givenName": "Grace", "familyName": "Hopper", "nickname": nil}
	}
	first, user := p.signIn(t, proof)
	if user["email"] != address || user["lastName"] == "" || first.body["needsProfileCompletion"] != true {
		t.Errorf("the first sign-in answered %v, completion %v", user, first.body["needsProfileCompletion"])
	}
	if name, _ := user["username"].(string); !strings.HasPrefix(name, p.name+"-") {
		t.Errorf("the username is %q", name)
	}
	// The app repeats a request when it got no response.
	repeated, again := p.signIn(t, proof)
	if again["id"] != user["id"] || accessToken(repeated) == accessToken(first) {
		t.Errorf("the repetition signed in %v", again)
	}
	call(t, "PUT", "/profile", accessToken(first), map[string]any{"firstName": "Grace", "lastName": "Hopper", "birthdate": "1980-12-09"}).is(t, http.StatusOK, "", "")
	later, again := p.signIn(t, p.proof(t, "001."+p.name, map[string]any{"email": nil, "email_verified": nil}))
	if again["id"] != user["id"] || again["email"] != address || later.body["needsProfileCompletion"] != false {
		t.Errorf("a later sign-in answered %v, completion %v", again, later.body["needsProfileCompletion"])
	}
	tokens, _ := later.body["tokens"].(map[string]any)
	call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": tokens["refreshToken"]}).is(t, http.StatusOK, "", "")
	// Another registration with the address is refused.
	other := person{username: p.name + ".other", email: strings.ToUpper(address), password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", other.form()).is(t, http.StatusConflict, "EmailExistsException", "")
	call(t, "DELETE", "/auth/delete-account", accessToken(later), nil).is(t, http.StatusOK, "", "")
	if _, fresh := p.signIn(t, p.proof(t, "001."+p.name, map[string]any{"email": address, "email_verified": true})); fresh["id"] == user["id"] {
		t.Error("a deleted account was signed in to")
	}
}

// hosts returns the domain that the provider hosts in these tests.
func (p provider) hosts() string {
	return map[string]string{"apple": "icloud.com", "google": "example.com"}[p.name]
}

// ownerOf returns the claims of a token for the owner of a hosted address.
func (p provider) ownerOf(address string) map[string]any {
	claims := map[string]any{"email": address, "email_verified": true}
	if p.name == "google" {
		claims["hd"] = p.hosts()
	}
	return claims
}

// confirmedAccount registers an account with the owner's address as a stranger, which
// the owner confirms by the code.
func (p provider) confirmedAccount(t *testing.T) {
	// The pool stores the username in lower case, the account as typed.
	stranger := newUserAt(t, "Mixed."+p.name, p.hosts())
	before := stranger.signIn(t)
	own, _ := before.body["user"].(map[string]any)
	token, refresh := tokensOf(before)
	call(t, "POST", "/devices/register", token, device("ios__1", "Stranger's iPhone")).is(t, http.StatusOK, "", "")
	signedIn{token: token}.setPIN(t, "ios__1", "48151")

	session, user := p.signIn(t, p.proof(t, "002.known", p.ownerOf(strings.ToUpper(stranger.email))))
	if user["id"] != own["id"] || user["birthdate"] != "12/10/1985" || session.body["needsProfileCompletion"] != false {
		t.Errorf("signed in %v", user)
	}
	call(t, "POST", "/auth/login", "", map[string]any{"username": stranger.username, "password": stranger.password}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	call(t, "GET", "/profile", token, nil).is(t, http.StatusUnauthorized, "", "")
	renew(t, refresh).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	signedIn{token: accessToken(session)}.offers(t, "ios__2", "48151", false)
	if ids := deviceIDs(t, accessToken(session)); len(ids) != 1 || !strings.HasPrefix(ids[0], "session-") { // the owner's
		t.Errorf("the devices are %v", ids)
	}
	if told := mailsTo(t, stranger.email, "every sign-in, 1 PIN, 1 device"); len(told) != 1 {
		t.Errorf("%d e-mails tell what ended", len(told))
	}
	if _, again := p.signIn(t, p.proof(t, "002.known", map[string]any{"email": nil})); again["id"] != own["id"] {
		t.Errorf("signed in %v", again)
	}

	owner := stranger
	owner.resetsPassword(t, "Better-horse-2")
	p.signIn(t, p.proof(t, "002.known", nil)) // its provider is authoritative
	if told := mailsTo(t, owner.email, "recovered your"); len(told) != 1 {
		t.Errorf("%d e-mails tell of a recovery", len(told))
	}
}

// provenAccount creates an account whose password was set by a code.
func (p provider) provenAccount(t *testing.T) {
	owner := newUserAt(t, "proven."+p.name, p.hosts())
	owner.resetsPassword(t, "Better-horse-2")
	_, user := p.signIn(t, p.proof(t, "012.proven", p.ownerOf(owner.email)))
	if own, _ := owner.signIn(t).body["user"].(map[string]any); user["id"] != own["id"] {
		t.Errorf("signed in %v", user)
	}
	if told := mailsTo(t, owner.email, "was added to your"); len(told) != 1 {
		t.Errorf("%d e-mails tell of the new way in", len(told))
	}
}

// unhostedAddress uses an address that the provider verified once and does not host.
func (p provider) unhostedAddress(t *testing.T) {
	known := newUserAt(t, "unhosted."+p.name, "example.org")
	waiting := person{username: "waiting." + p.name, email: "waiting." + p.name + "@example.org", password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", waiting.form()).is(t, http.StatusOK, "", "")
	mails := len(mailsTo(t, known.email, ""))
	refused := func(subject, address string) {
		t.Helper()
		for _, hosted := range []any{nil, "", "example.com"} {
			got := call(t, "POST", p.path, "", p.proof(t, subject, map[string]any{"email": address, "email_verified": true, "hd": hosted}))
			got.is(t, http.StatusConflict, "EmailExistsException", "")
			got.says(t, "password")
			if strings.Contains(got.text, "verify") {
				t.Errorf("the app would ask for a code: %s", got.text)
			}
		}
	}
	refused("013.unhosted", known.email)
	refused("013.unhosted", waiting.email)
	known.signIn(t)
	if sent := mailsTo(t, known.email, ""); len(sent) != mails {
		t.Errorf("%d e-mails were sent", len(sent)-mails)
	}
	refused("013.unhosted", known.email) // nor after the owner signed in

	// The separate account works until the owner of the address sets a password.
	address := "made." + p.name + "@example.org"
	unhosted := map[string]any{"email": address, "email_verified": true}
	_, made := p.signIn(t, p.proof(t, "014.unhosted", unhosted))
	if _, again := p.signIn(t, p.proof(t, "014.unhosted", map[string]any{"email": nil})); again["id"] != made["id"] {
		t.Errorf("signed in %v", again)
	}
	username, _ := made["username"].(string)
	owner := person{username: username, email: address}
	owner.resetsPassword(t, "Better-horse-2")
	refused("014.unhosted", address)
}

// unconfirmedAccount has an attacker register an address of another person without
// confirming it.
func (p provider) unconfirmedAccount(t *testing.T) {
	trap := person{username: "trap." + p.name, email: "victim." + p.name + "@" + p.hosts(), password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", trap.form()).is(t, http.StatusOK, "", "")
	session, user := p.signIn(t, p.proof(t, "003.victim", p.ownerOf(trap.email)))
	if user["username"] != trap.username || user["birthdate"] != nil || user["phone_number"] != nil || session.body["needsProfileCompletion"] != true {
		t.Errorf("what the stranger typed is still there: %v", user)
	}
	call(t, "POST", "/auth/login", "", map[string]any{"username": trap.username, "password": trap.password}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": trap.username, "code": confirmationCode})
	call(t, "POST", "/auth/login", "", map[string]any{"username": trap.username, "password": trap.password}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	if _, again := p.signIn(t, p.proof(t, "003.victim", map[string]any{"email": nil})); again["id"] != user["id"] {
		t.Errorf("signed in %v", again)
	}
	trap.resetsPassword(t, "Better-horse-2")
}

func (p provider) unknownAddress(t *testing.T) {
	known := newUserAt(t, "safe."+p.name, p.hosts())
	for name, claims := range map[string]map[string]any{
		"not vouched for":       {"email": known.email, "email_verified": false},
		"not said to be":        {"email": known.email, "email_verified": nil},
		"absent":                {"email": nil, "email_verified": true},
		"a new one, not proven": {"email": "brand.new@example.com", "email_verified": "false"},
	} {
		got := call(t, "POST", p.path, "", p.proof(t, "004.nobody", claims))
		got.is(t, http.StatusBadRequest, "InvalidParameterException", "")
		if strings.Contains(got.text, "verify") {
			t.Errorf("%s: the app would ask for a code: %s", name, got.text)
		}
	}
	// A different letter that normalises to the same one is a different address.
	lookalike := strings.Replace(known.email, "safe", "ſafe", 1)
	call(t, "POST", p.path, "", p.proof(t, "004.nobody", p.ownerOf(lookalike))).is(t, http.StatusConflict, "EmailExistsException", "")
}

// leftovers checks a sign-in with an identity whose account an incomplete deletion
// removed.
func (p provider) leftovers(t *testing.T) {
	claims := map[string]any{"email": "left." + p.name + "@example.com", "email_verified": true}
	_, user := p.signIn(t, p.proof(t, "005.left", claims))
	userID, _ := user["id"].(string)
	username, _ := user["username"].(string)
	forgetAccount(t, userID)
	pool := cognito.NewFromConfig(stage.AWSConfig(local.Region))
	if _, err := pool.AdminDeleteUser(t.Context(), &cognito.AdminDeleteUserInput{UserPoolId: poolID(t, pool), Username: &username}); err != nil {
		t.Fatal(err)
	}
	if _, fresh := p.signIn(t, p.proof(t, "005.left", claims)); fresh["id"] == userID {
		t.Error("the old account was signed in to")
	}
}

// outage checks the response during an outage of the provider. The app must neither
// sign out nor retry at once. outage runs before every other sign-in, because functions
// cache the keys for hours.
func (p provider) outage(t *testing.T) {
	proof := p.proof(t, "007.outage", nil)
	callFakes(t, "PUT", "/-/faults/"+p.name+"?fault=500", nil, nil)
	defer callFakes(t, "PUT", "/-/faults/"+p.name+"?fault=", nil, nil)
	got := call(t, "POST", p.path, "", proof)
	got.is(t, http.StatusServiceUnavailable, "", "")
	callFakes(t, "PUT", "/-/faults/"+p.name+"?fault=", nil, nil)
	p.signIn(t, proof)
}

// parallelFirstSignIns sends a user's first sign-in several times in parallel.
func (p provider) parallelFirstSignIns(t *testing.T) {
	proof := p.proof(t, "008.hurried", nil)
	answers := make([]answer, 4)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i], _ = send(t, "POST", p.path, "", proof) })
	}
	all.Wait()
	ids := map[any]bool{}
	for _, got := range answers {
		if got.status != http.StatusOK && got.status != http.StatusServiceUnavailable {
			t.Errorf("answered %d %s", got.status, got.text)
		}
		if user, ok := got.body["user"].(map[string]any); ok {
			ids[user["id"]] = true
		}
	}
	if len(ids) != 1 {
		t.Errorf("%d accounts were made", len(ids))
	}
}
