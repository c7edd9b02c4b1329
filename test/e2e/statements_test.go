package e2e_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/local"
)

// statements uploads bank statements as the app does, awaits what is read of them, and
// holds no more imports than the user has.
func statements(t *testing.T) {
	call(t, "POST", "/transactions/statement-upload-url", "", map[string]any{}).is(t, http.StatusUnauthorized, "", "")
	call(t, "POST", "/transactions/parse-statement", "", map[string]any{"s3Key": "users/a/b"}).is(t, http.StatusUnauthorized, "", "")
	user, other := newSignedInUser(t, "maria.agnesi"), newSignedInUser(t, "emilie.chatelet")

	key := uploaded(t, user.token, "application/pdf", "%PDF-1.7\nof an unknown bank", http.StatusOK)
	stolen := call(t, "POST", "/transactions/parse-statement", other.token, map[string]any{"s3Key": key})
	stolen.is(t, http.StatusUnprocessableEntity, "", "")
	if stolen.body["code"] != "STATEMENT_NOT_FOUND" {
		t.Errorf("answered %s", stolen.text)
	}
	read := call(t, "POST", "/transactions/parse-statement", user.token, map[string]any{"s3Key": key, "filename": "July.pdf"})
	read.is(t, http.StatusOK, "", "")
	if rows, ok := read.body["transactions"].([]any); !ok || len(rows) != 0 {
		t.Errorf("the transactions are %v", read.body["transactions"])
	}
	again := call(t, "POST", "/transactions/parse-statement", user.token, map[string]any{"s3Key": key})
	again.is(t, http.StatusOK, "", "")
	showsImports(t, user.token, "FREE", 0, 4)
	gone(t, key)

	image := uploaded(t, user.token, "application/pdf", "\x89PNG", http.StatusOK)
	call(t, "POST", "/transactions/parse-statement", user.token, map[string]any{"s3Key": image}).is(t, http.StatusUnprocessableEntity, "", "")
	uploaded(t, user.token, "text/html", "<script>", http.StatusForbidden)
	importsAtTheirEdge(t, other)
}

// uploaded uploads a statement and returns its key. S3 answers with the status.
func uploaded(t *testing.T, token, contentType, content string, status int) string {
	t.Helper()
	where := call(t, "POST", "/transactions/statement-upload-url", token, map[string]any{})
	where.is(t, http.StatusOK, "", "")
	url, _ := where.body["uploadUrl"].(string)
	key, _ := where.body["key"].(string)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, bytes.NewReader([]byte(content)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the engine's own certificate
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); response.StatusCode != status {
		t.Fatalf("S3 answered %d %s, not %d", response.StatusCode, text, status)
	}
	return key
}

// readStatement has a statement read, which leaves a job of the user.
func readStatement(t *testing.T, token string) {
	t.Helper()
	key := uploaded(t, token, "application/pdf", "%PDF-1.7", http.StatusOK)
	call(t, "POST", "/transactions/parse-statement", token, map[string]any{"s3Key": key}).is(t, http.StatusOK, "", "")
}

// gone waits until an upload is deleted.
func gone(t *testing.T, key string) {
	t.Helper()
	client := s3.NewFromConfig(stage.AWSConfig(local.Region), func(o *s3.Options) { o.UsePathStyle = true })
	for range 50 {
		found, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(statementsBucket(t)), Prefix: aws.String(key)})
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Contents) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s is still there", key)
}

// importsAtTheirEdge asks for 50 statements at once that are never uploaded. Each request
// holds an import while it waits, so that four wait and the others are refused. Once the
// imports are used, there is no URL for another upload.
func importsAtTheirEdge(t *testing.T, user signedIn) {
	t.Helper()
	var keys []any
	for range 50 {
		where := call(t, "POST", "/transactions/statement-upload-url", user.token, map[string]any{})
		where.is(t, http.StatusOK, "", "")
		keys = append(keys, where.body["key"])
	}
	var waited, refused atomic.Int32
	var all sync.WaitGroup
	fresh := newSignedInUser(t, "laura.bassi") // whose plan is not stored yet
	all.Go(func() {
		never := map[string]any{"s3Key": "users/" + fresh.id + "/never"}
		call(t, "POST", "/transactions/parse-statement", fresh.token, never).is(t, http.StatusUnprocessableEntity, "", "")
	})
	for _, key := range keys {
		all.Go(func() {
			answer := callAgain(t, "POST", "/transactions/parse-statement", user.token, map[string]any{"s3Key": key})
			switch code, _ := answer.body["code"].(string); code {
			case "STATEMENT_NOT_READ":
				waited.Add(1)
			case "IMPORT_LIMIT_REACHED":
				refused.Add(1)
			default:
				t.Errorf("answered %d %s", answer.status, answer.text)
			}
		})
	}
	all.Wait()
	if waited.Load() != 4 || refused.Load() != 46 {
		t.Errorf("%d waited and %d were refused, of four imports", waited.Load(), refused.Load())
	}
	showsImports(t, user.token, "FREE", 0, 4)
	takeImports(t, user.id, 4)
	call(t, "POST", "/transactions/statement-upload-url", user.token, map[string]any{}).is(t, http.StatusUnprocessableEntity, "", "")
}

// callAgain is call that waits and calls again while the response is 429, as the app
// does: so many requests of one user at once change the limits' item faster than the
// guard reads it.
func callAgain(t *testing.T, method, path, token string, body any) answer {
	t.Helper()
	for range 9 {
		if got := call(t, method, path, token, body); got.status != http.StatusTooManyRequests {
			return got
		}
		time.Sleep(time.Second)
	}
	return call(t, method, path, token, body)
}

// statementsBucket returns the physical name of the bucket.
func statementsBucket(t *testing.T) string {
	t.Helper()
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	return cfg.BucketName(buckets.Statements.Name)
}
