package main

import (
	"cmp"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// services are stand-ins for the services that the auth domain calls, in AWS and
// outside. Each has an endpoint of its own over TLS.
type services struct {
	servers  []*httptest.Server
	settings []string
	accepted atomic.Int64
	// delay is how long each response takes. items has the responses to operations, by
	// operation and table, that go before those of responses.
	delay time.Duration
	items map[string]string
	// object is the content of every object of S3.
	object []byte
	paths  sync.Map // of requests, each with how many there were
}

// serviceIDs are the SDK's names of the services that the measured functions call.
var serviceIDs = []string{"DynamoDB", "KMS", "Secrets Manager", "Cognito Identity Provider", "SESv2"}

// startServices starts the services. A process with their variables trusts their
// certificates and this machine's root certificates.
func startServices(folder string) (*services, error) {
	authority, err := newCertificateAuthority()
	if err != nil {
		return nil, err
	}
	roots := filepath.Join(folder, "roots.pem")
	if err := os.WriteFile(roots, append(systemRoots(), authority.root...), 0o600); err != nil {
		return nil, err
	}
	s := &services{settings: []string{"SSL_CERT_FILE=" + roots, "SSL_CERT_DIR=" + filepath.Join(folder, "none")}}
	for _, id := range append(slices.Clone(serviceIDs), "S3") {
		s.settings = append(s.settings, function.EndpointVariable(id)+"="+s.serve(authority.certificate))
	}
	for _, outside := range []function.Service{function.Apple, function.Google} {
		s.settings = append(s.settings, outside.Variable()+"="+s.serve(authority.certificate))
	}
	s.settings = append(s.settings, "OTEL_EXPORTER_OTLP_ENDPOINT="+s.serve(authority.certificate))
	return s, nil
}

// bundles are the files with root certificates that crypto/x509 searches.
// https://go.dev/src/crypto/x509/root_linux.go
var bundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}

// systemRoots returns the root certificates of this machine, or nil if there are none.
func systemRoots() []byte {
	for _, bundle := range bundles {
		if text, err := os.ReadFile(bundle); err == nil {
			return append(text, '\n')
		}
	}
	return nil
}

func (s *services) serve(certificate tls.Certificate) string {
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.answer))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of processes that are ended
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.accepted.Add(1)
		}
	}
	server.StartTLS()
	s.servers = append(s.servers, server)
	return server.URL
}

func (s *services) variables() []string { return s.settings }

func (s *services) connections() int { return int(s.accepted.Load()) }

func (s *services) close() {
	for _, server := range s.servers {
		server.CloseClientConnections()
		server.Close()
	}
}

// requestCount returns how many requests a path had.
func (s *services) requestCount(path string) int64 {
	count, ok := s.paths.Load(path)
	if !ok {
		return 0
	}
	return count.(*atomic.Int64).Load()
}

// responses are the responses to operations that need more than an empty one, by the
// end of the header X-Amz-Target. The password is wrong.
var responses = map[string]string{
	"GenerateMac":    `{"KeyId":"key","Mac":"` + base64.StdEncoding.EncodeToString(make([]byte, 32)) + `","MacAlgorithm":"HMAC_SHA_256"}`,
	"GetSecretValue": `{"ARN":"arn","Name":"all","VersionId":"1","CreatedDate":1,"SecretString":` + strconv.Quote(allSecrets()) + `}`,
	"InitiateAuth":   `{"__type":"NotAuthorizedException","message":"Incorrect username or password."}`,
}

// allSecrets returns a value for each key of each secret, as JSON.
func allSecrets() string {
	var values []string
	for _, secret := range secrets.All() {
		for _, key := range secret.Keys {
			values = append(values, strconv.Quote(key)+":"+strconv.Quote(strings.Repeat("none", 16)))
		}
	}
	return "{" + strings.Join(values, ",") + "}"
}

func (s *services) answer(w http.ResponseWriter, r *http.Request) {
	count, _ := s.paths.LoadOrStore(r.URL.Path, new(atomic.Int64))
	count.(*atomic.Int64).Add(1)
	sent, err := io.ReadAll(r.Body)
	time.Sleep(s.delay)
	target := r.Header.Get("X-Amz-Target")
	operation := strings.TrimPrefix(target[strings.LastIndex(target, ".")+1:], "Admin")
	if target == "" && r.Method == http.MethodGet && s.object != nil {
		_, _ = w.Write(s.object)
		return
	}
	body, known := responses[operation]
	if !known {
		body = "{}"
	}
	var about struct{ TableName string }
	if json.Unmarshal(sent, &about) == nil {
		body = cmp.Or(s.items[operation+" "+about.TableName], body)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if operation == "InitiateAuth" {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, write := io.WriteString(w, body)
	if err := errors.Join(err, write); err != nil {
		log.Print("a service of AWS: ", err)
	}
}
