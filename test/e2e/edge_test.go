package e2e_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/local/webacl/sampletexts"
)

// pastTheEdge calls the API as a client that found its addresses. The API's own endpoint
// is closed. At the host name for the edge, the functions ask for the edge's proof.
func pastTheEdge(t *testing.T) {
	origin := loadConfig(t).API.OriginDomain()
	token, _ := newUser(t, "past.edge").signIn(t).body["accessToken"].(string)
	for name, c := range map[string]struct {
		host, path, token string
		header            http.Header
		status            int
		says              string
	}{
		"the own endpoint":       {"", "/health", "", nil, 404, "Not Found"},
		"without proof":          {origin, "/health", "", nil, 400, "REQUEST_REFUSED"},
		"with a guessed proof":   {origin, "/health", "", http.Header{"X-Origin-Secret": {strings.Repeat("a", 64)}}, 400, "REQUEST_REFUSED"},
		"with an empty proof":    {origin, "/health", "", http.Header{"X-Origin-Secret": {""}}, 400, "REQUEST_REFUSED"},
		"with a named address":   {origin, "/health", "", http.Header{"True-Client-Ip": {"127.0.0.1"}}, 400, "REQUEST_REFUSED"},
		"signed in":              {origin, "/profile", token, nil, 400, "REQUEST_REFUSED"},
		"an unknown route":       {origin, "/nothing/here", "", nil, 400, "REQUEST_REFUSED"},
		"the forwarder's header": {origin, "/health", "", http.Header{"X-Forwarder-Secret": {"a"}, "X-Forwarder-Client-Ip": {"203.0.113.1"}}, 400, "REQUEST_REFUSED"},
	} {
		status, text := direct(t, c.host, c.path, c.token, c.header)
		if status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: the API answered %d %s", name, status, text)
		}
	}
}

// direct sends a request to the API under a host name, without the edge.
func direct(t *testing.T, host, path, token string, header http.Header) (status int, text string) {
	t.Helper()
	id, err := stage.APIID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, stage.EngineURL()+"/_aws/execute-api/"+id+"/$default"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	for name, values := range header {
		request.Header[name] = values
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := httpClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func loadConfig(t *testing.T) config.Config {
	t.Helper()
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// rotatedProof stores a new origin secret. The edge sends the previous value until it is
// deployed again, and the functions accept both.
func rotatedProof(t *testing.T) {
	cfg := loadConfig(t)
	name, fresh := aws.String("expenzez/local/origin"), rand.Text()
	client := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region))
	was, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: name})
	if err != nil {
		t.Fatal(err)
	}
	var value map[string]string
	if err := json.Unmarshal([]byte(*was.SecretString), &value); err != nil {
		t.Fatal(err)
	}
	value["ORIGIN_SECRET"] = fresh
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: name, SecretString: aws.String(string(text))}); err != nil {
		t.Fatal(err)
	}
	// A function reads the secret again for a proof that it does not know, at most once
	// in ten seconds.
	deadline := time.Now().Add(15 * time.Second)
	for {
		status, body := direct(t, cfg.API.OriginDomain(), "/health", "", http.Header{"X-Origin-Secret": {fresh}})
		if status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the new proof is answered %d %s", status, body)
		}
		time.Sleep(500 * time.Millisecond)
	}
	call(t, "GET", "/health", "", nil).is(t, http.StatusOK, "", "") // the edge's proof is the previous one
}

// refusedByWebACL sends the requests that the web ACL must refuse.
func refusedByWebACL(t *testing.T) {
	token, _ := newUser(t, "refused").signIn(t).body["accessToken"].(string)
	for name, c := range map[string]struct{ method, path, body string }{
		"SQL injection":        {"POST", "/transactions", `{"description":"'; DROP TABLE Users; --","amount":100}`},
		"cross-site scripting": {"POST", "/transactions", `{"description":"<script>alert('xss')</script>","amount":100}`},
		"SQL in a query":       {"GET", "/goals?id=1%27%20OR%20%271%27%3D%271", ""},
		"a path out of here":   {"GET", "/goals/..%2F..%2Fetc%2Fpasswd", ""},
		"a body over 64 KB":    {"POST", "/goals", `{"title":"` + strings.Repeat("a", 65536) + `"}`},
	} {
		got, header := send(t, c.method, c.path, token, c.body)
		if !got.isRefused() {
			t.Errorf("%s answered %d %s", name, got.status, got.text)
		}
		blockedHeaders(t, header)
	}
	// Under /auth/ the app reads a flat body.
	call(t, "POST", "/auth/login", "", map[string]any{"username": "' OR '1'='1' --", "password": "x"}).
		is(t, http.StatusBadRequest, "REQUEST_REFUSED", "The request was refused.")
}

// isRefused reports whether the response is the web ACL's, with the body of paths outside
// /auth/ or under it.
func (a answer) isRefused() bool {
	return a.status == http.StatusBadRequest && (a.text == `{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}` ||
		a.text == `{"error":"REQUEST_REFUSED","message":"The request was refused."}`)
}

// blockedHeaders checks the headers of a response of the web ACL. Pages of every origin
// can read it.
func blockedHeaders(t *testing.T, header http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("a blocked request's %s is %q, not %q", name, got, want)
		}
	}
}

// honestTexts sends texts that users write. The web ACL lets them pass, and the API
// stores them unchanged.
func honestTexts(t *testing.T) {
	ada := newSignedInUser(t, "honest")
	texts, stored := sampletexts.Honest(), atomic.Int64{}
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := worker; i < len(texts); i += 4 {
				form := goalForm("Holiday", 100, 0)
				form["description"] = texts[i]
				got, _ := send(t, "POST", "/goals", ada.token, form)
				made, _ := got.body["goal"].(map[string]any)
				// The function itself takes no markup, such as <billing@example.com>.
				if got.status == http.StatusOK && made["description"] == texts[i] {
					stored.Add(1)
				} else if got.status != http.StatusUnprocessableEntity || !strings.Contains(texts[i], "<") {
					t.Errorf("%q answered %d %s", texts[i], got.status, got.text)
				}
			}
		})
	}
	all.Wait()
	if stored.Load() < 50 {
		t.Errorf("only %d texts were stored", stored.Load())
	}
	// Passwords pass as they are; that they open the account shows that.
	for i, password := range []string{
		`Tr0ub4dor&3 "quoted" 'single'; --`, `It's 100% "mine"; or 1=1 <3`,
		`Correct horse's "battery" <staple> & ` + strings.Repeat("q'W\"9;", 10),
	} {
		p := person{username: fmt.Sprintf("honest.%d", i), email: fmt.Sprintf("honest.%d@example.com", i), password: password}
		call(t, "POST", "/auth/register", "", p.form()).is(t, http.StatusOK, "", "")
		confirm(t, p.username, confirmationCode).is(t, http.StatusOK, "", "")
		p.signIn(t)
	}
}

// longContext sends a thousand rows, 400 KB, to the AI paths, as the app does.
func longContext(t *testing.T) {
	var rows []string
	for i := range 1000 {
		rows = append(rows, fmt.Sprintf(`{"date":"2026-10-%02d","description":"%s %d","amount":%d.%02d,"category":"shopping","note":"%s"}`,
			i%28+1, []string{"Marks & Spencer; select items", "O'Reilly's", "Card payment <3", "🎉 party"}[i%4], i, i, i%100, strings.Repeat("weekly shop, ", 23)))
	}
	body := `{"message":"How can I save?","context":{"transactions":[` + strings.Join(rows, ",") + `]}}`
	if len(body) < 400_000 {
		t.Fatalf("the body has %d bytes", len(body))
	}
	got, _ := send(t, "POST", "/ai/insight", "", body)
	if got.status == http.StatusBadRequest || got.status == http.StatusRequestEntityTooLarge || got.status >= 500 {
		t.Errorf("%d bytes are answered %d %s", len(body), got.status, got.text)
	}
}

// manyRequests exceeds the limit of AI requests from one address. Preflights of web
// views count like other requests, and the edge answers them itself.
func manyRequests(t *testing.T) {
	limit := loadConfig(t).API.Edge.Rates.AI
	from(t, "127.1.9.1", func() {
		httpClient.Transport.(*http.Transport).DisableKeepAlives = false
		httpClient.Transport.(*http.Transport).MaxIdleConnsPerHost = 8
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range limit/8 + 1 {
					preflight(t, "/ai/insight", "capacitor://localhost")
				}
			})
		}
		all.Wait()
		blocked := preflight(t, "/ai/insight", "https://app.expenzez.com")
		if blocked.status != http.StatusTooManyRequests || blocked.header.Get("Retry-After") != "300" ||
			blocked.text != `{"code":"RATE_LIMITED","message":"Too many requests. Please try again later."}` {
			t.Errorf("answered %d %v %s", blocked.status, blocked.header, blocked.text)
		}
		blockedHeaders(t, blocked.header)
		call(t, "GET", "/health", "", nil).is(t, http.StatusOK, "", "") // another path has a limit of its own
	})
	from(t, "127.1.9.2", func() {
		if other := preflight(t, "/ai/insight", "capacitor://localhost"); other.status != http.StatusNoContent {
			t.Errorf("another address is answered %d %s", other.status, other.text)
		}
	})
}

// preflight sends a preflight of a page of the origin.
func preflight(t *testing.T, path, origin string) answer {
	t.Helper()
	return fromPage(t, http.MethodOptions, path, origin)
}

// fromPage sends a request as a browser does for a page of the origin.
func fromPage(t *testing.T, method, path, origin string) answer {
	request, err := http.NewRequestWithContext(t.Context(), method, stage.URL()+path, nil)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	request.Header.Set("Origin", origin)
	if method == http.MethodOptions {
		request.Header.Set("Access-Control-Request-Method", "PUT")
		request.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
	}
	response, err := httpClient.Do(request)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return answer{status: response.StatusCode, header: response.Header, text: string(text)}
}
