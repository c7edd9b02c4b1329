package e2e_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/test/statementtest"
)

// statements uploads bank statements as the app does, has them read, imports them, and
// holds no more imports than the user has.
func statements(t *testing.T) {
	for _, operation := range []struct{ method, path string }{
		{"POST", "/transactions/statement-upload-url"}, {"POST", "/transactions/parse-statement"}, {"POST", "/transactions/import-statement"}, {"GET", "/transactions/statements"},
	} {
		call(t, operation.method, operation.path, "", map[string]any{}).is(t, http.StatusUnauthorized, "", "")
	}
	user, other := newSignedInUser(t, "maria.agnesi"), newSignedInUser(t, "emilie.chatelet")
	importedStatement(t, user, other)
	statementAndCSV(t, newSignedInUser(t, "sophie.bryant"))
	refusedUploads(t, user)
	readerTouches(t, user)
	importsAtTheirEdge(t, other)
}

// readerTouches fails the test unless the reader of statements called nothing but the
// uploads of these tests, the jobs, the accounts and wrapped data keys of their users, its queue and
// its log. It must have read each upload of the user.
func readerTouches(t *testing.T, user signedIn) {
	t.Helper()
	decisions, err := stage.AuthorizationLog()
	if err != nil {
		t.Fatal(err)
	}
	decisions = slices.DeleteFunc(decisions, func(d local.Decision) bool {
		return !strings.HasSuffix(d.Principal, "/"+physicalName(t, "statement-reader"))
	})
	readerCalls(t, decisions)
	readerUploads(t, decisions, user)
}

// readerCalls fails the test unless the reader's calls are those that its work needs.
func readerCalls(t *testing.T, decisions []local.Decision) {
	t.Helper()
	upload := statementsBucket(t) + "/" + buckets.Prefix + "/"
	log := "/aws/lambda/" + physicalName(t, "statement-reader") + ":"
	allowed := map[string]string{
		"logs:CreateLogStream": log, "logs:PutLogEvents": log,
		"s3:GetObject": upload, "s3:DeleteObject": upload, "dynamodb:GetItem": "", "dynamodb:PutItem": physicalName(t, tables.Jobs.Name),
		"dynamodb:ConditionCheckItem": physicalName(t, tables.Users.Name), // the account, and that its data is not erased
		"kms:Decrypt":                 "", "sqs:ReceiveMessage": "statement-reader-statements", "sqs:DeleteMessage": "statement-reader-statements",
		"sqs:GetQueueAttributes": "statement-reader-statements", "sqs:ChangeMessageVisibility": "statement-reader-statements",
	}
	seen := map[string]bool{}
	for _, decision := range decisions {
		seen[decision.Action] = true
		part, is := allowed[decision.Action]
		readable := decision.Action != "dynamodb:GetItem" || strings.HasSuffix(decision.Resource, physicalName(t, tables.Jobs.Name)) || strings.HasSuffix(decision.Resource, physicalName(t, tables.Users.Name))
		if !is || !strings.Contains(decision.Resource, part) || !readable {
			t.Errorf("the reader called %s on %s", decision.Action, decision.Resource)
		}
	}
	for _, action := range []string{"s3:GetObject", "s3:DeleteObject", "dynamodb:PutItem"} {
		if !seen[action] {
			t.Errorf("the reader never called %s", action)
		}
	}
}

// readerUploads fails the test unless the reader called only objects that tests uploaded,
// and read each of the user's.
func readerUploads(t *testing.T, decisions []local.Decision, user signedIn) {
	t.Helper()
	read := map[string]bool{}
	for _, decision := range decisions {
		_, key, object := strings.Cut(decision.Resource, statementsBucket(t)+"/")
		if !object {
			continue
		}
		if urlOf[key] == "" {
			t.Errorf("the reader called %s on %s, which no test uploaded", decision.Action, key)
		}
		read[key] = read[key] || decision.Action == "s3:GetObject"
	}
	for key := range urlOf {
		if strings.HasPrefix(key, buckets.Prefix+"/"+user.id+"/") && !read[key] {
			t.Errorf("the reader never read %s", key)
		}
	}
}

// importedStatement has a statement read, and imports it twice.
func importedStatement(t *testing.T, user, stranger signedIn) {
	t.Helper()
	made := statementtest.NewOfRows("barclays", 7, 30)
	key := uploaded(t, user.token, "application/pdf", string(made.PDF()), http.StatusOK)
	refusedAs(t, stranger, key, "STATEMENT_NOT_FOUND")
	parsed := parse(t, user.token, map[string]any{"s3Key": key, "filename": "July.pdf"})
	parsed.is(t, http.StatusOK, "", "")
	rows := rightRows(t, made, parsed)
	again := call(t, "POST", "/transactions/parse-statement", user.token, map[string]any{"s3Key": key, "filename": "July.pdf"})
	if again.text != parsed.text {
		t.Errorf("the second request was answered %s", again.text)
	}
	showsImports(t, user.token, "FREE", 1, 3)
	gone(t, key)
	putTo(t, urlOf[key], "application/pdf", string(statementtest.NewOfRows("monzo", 2, 12).PDF()), http.StatusOK) // a second use
	gone(t, key)
	if later := call(t, "POST", "/transactions/parse-statement", user.token, map[string]any{"s3Key": key, "filename": "July.pdf"}); later.text != parsed.text {
		t.Errorf("a second upload changed the result: %s", later.text)
	}

	importsStatement(t, user, parsed.body["statement"], rows[:10], 10, 0)
	importsStatement(t, user, parsed.body["statement"], rows, len(rows)-10, 10)
	importsStatement(t, user, parsed.body["statement"], rows, 0, len(rows))
	showsImports(t, user.token, "FREE", 1, 3)
	call(t, "POST", "/transactions/import-statement", user.token, map[string]any{"transactions": []any{}}).is(t, http.StatusUnprocessableEntity, "", "")
	listed := call(t, "GET", "/transactions/statements", user.token, nil)
	listed.is(t, http.StatusOK, "", "")
	all, _ := listed.body["statements"].([]any)
	if len(all) != 1 {
		t.Fatalf("answered %s", listed.text)
	}
	if one := all[0].(map[string]any); one["bankName"] != "Barclays" || one["transactionCount"] != float64(len(rows)) || one["filename"] != "July.pdf" || one["accountIdentifier"] != made.Account {
		t.Errorf("answered %s", listed.text)
	}
	if none := call(t, "GET", "/transactions/statements", stranger.token, nil); none.body["count"] != 0.0 {
		t.Errorf("a stranger sees %s", none.text)
	}
	for _, private := range []string{made.Account, "July.pdf"} {
		if strings.Contains(fmt.Sprint(storedOf(t, tables.Statements, user.id)), private) {
			t.Errorf("%q is stored in clear", private)
		}
	}
}

// rightRows returns the rows of a response, which must be those that were printed.
func rightRows(t *testing.T, made statementtest.Statement, parsed answer) []any {
	t.Helper()
	rows, _ := parsed.body["transactions"].([]any)
	var printed []statementtest.Row
	for _, row := range made.Sections[0].Rows {
		if row.Pence != 0 {
			printed = append(printed, row)
		}
	}
	if len(rows) != len(printed) || len(rows) < 20 {
		t.Fatalf("%d rows, not %d: %s", len(rows), len(printed), parsed.text)
	}
	for i, row := range printed {
		got := rows[i].(map[string]any)
		if got["date"] != row.Date.Format(time.DateOnly) || got["amount"] != float64(row.Pence)/100 {
			t.Errorf("row %d is %v, not %+v", i, got, row)
		}
	}
	return rows
}

// importsStatement fails the test unless the rows are imported with these numbers.
func importsStatement(t *testing.T, user signedIn, statement any, rows []any, imported, duplicates int) {
	t.Helper()
	got := call(t, "POST", "/transactions/import-statement", user.token, map[string]any{"transactions": rows, "statement": statement})
	got.is(t, http.StatusOK, "", "")
	summary, _ := got.body["summary"].(map[string]any)
	if summary["imported"] != float64(imported) || summary["duplicatesSkipped"] != float64(duplicates) || summary["failed"] != 0.0 || got.body["alreadyImported"] != (imported == 0) {
		t.Errorf("answered %s, want %d imported and %d duplicates", got.text, imported, duplicates)
	}
}

// statementAndCSV imports a statement of a bank and a file of the same payments, which
// adds only what is new.
func statementAndCSV(t *testing.T, user signedIn) {
	t.Helper()
	parsed := parsedStatement(t, user.token)
	rows, _ := parsed.body["transactions"].([]any)
	importsStatement(t, user, parsed.body["statement"], rows, len(rows), 0)
	var same []any
	for _, row := range rows {
		printed := row.(map[string]any)
		same = append(same, csvRow(printed["date"].(string)+"T00:00:00.000Z", printed["amount"].(float64), printed["merchant"].(string)))
	}
	importsAs(t, user, csvFile("monzo", append(same, csvRow("2020-01-01T00:00:00.000Z", -1, "TEA"))...), 1, 0, len(rows))
}

// refusedUploads uploads what is not read, and uses what is not given.
func refusedUploads(t *testing.T, user signedIn) {
	t.Helper()
	broken := statementtest.NewOfRows("lloyds", 3, 20)
	for i, run := range broken.Pages[0].Runs {
		if run.Right && strings.Contains(run.Text, ".") {
			broken.Pages[0].Runs[i].Text = "1.11"
			break
		}
	}
	for code, content := range map[string]string{
		"STATEMENT_NOT_PDF": "\x89PNG", "STATEMENT_UNREADABLE": "%PDF-1.7\nnothing", "STATEMENT_UNPROVEN": string(broken.PDF()),
		"STATEMENT_TOO_LARGE": "%PDF-1.7\n" + strings.Repeat(" ", int(buckets.Statements.MaxBytes)),
	} {
		key := uploaded(t, user.token, "application/pdf", content, http.StatusOK)
		refusedAs(t, user, key, code)
		gone(t, key)
	}
	uploaded(t, user.token, "text/html", "<script>", http.StatusForbidden)
	unknown := uploaded(t, user.token, "application/pdf", string(letter().PDF()), http.StatusOK)
	empty := parse(t, user.token, map[string]any{"s3Key": unknown})
	empty.is(t, http.StatusOK, "", "")
	if rows, ok := empty.body["transactions"].([]any); !ok || len(rows) != 0 {
		t.Errorf("the transactions of a letter are %v", empty.body["transactions"])
	}
}

// letter is a PDF that is no statement.
func letter() statementtest.Statement {
	return statementtest.Statement{Pages: []statementtest.Page{{Width: 595, Height: 842, Runs: []statementtest.Run{{X: 40, Y: 60, Size: 9, Text: "Dear customer"}}}}}
}

// refusedAs fails the test unless a statement is refused with the code.
func refusedAs(t *testing.T, user signedIn, key, code string) {
	t.Helper()
	got := parse(t, user.token, map[string]any{"s3Key": key})
	got.is(t, http.StatusUnprocessableEntity, "", "")
	if got.body["code"] != code || got.body["message"] == "" {
		t.Errorf("%s: answered %s", code, got.text)
	}
}

// uploaded uploads a statement and returns its key. S3 answers with the status.
func uploaded(t *testing.T, token, contentType, content string, status int) string {
	t.Helper()
	where := call(t, "POST", "/transactions/statement-upload-url", token, map[string]any{})
	where.is(t, http.StatusOK, "", "")
	url, _ := where.body["uploadUrl"].(string)
	key, _ := where.body["key"].(string)
	if status == http.StatusOK {
		urlOf[key] = url
	}
	putTo(t, url, contentType, content, status)
	return key
}

// urlOf has the URLs of uploads that S3 takes, by their keys.
var urlOf = map[string]string{}

// putTo sends a file to a URL. S3 answers with the status.
func putTo(t *testing.T, url, contentType, content string, status int) {
	t.Helper()
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
}

// parse asks for what was read of a statement, again while it is not read: a machine
// with other work may need longer than a request waits for the start of the reader.
func parse(t *testing.T, token string, body map[string]any) answer {
	t.Helper()
	for range 5 {
		if got := call(t, "POST", "/transactions/parse-statement", token, body); got.body["code"] != "STATEMENT_NOT_READ" {
			return got
		}
	}
	return call(t, "POST", "/transactions/parse-statement", token, body)
}

// parsedStatement has a statement read, which leaves a job of the user, and returns the
// response.
func parsedStatement(t *testing.T, token string) answer {
	t.Helper()
	key := uploaded(t, token, "application/pdf", string(statementtest.NewOfRows("monzo", 2, 12).PDF()), http.StatusOK)
	parsed := parse(t, token, map[string]any{"s3Key": key})
	parsed.is(t, http.StatusOK, "", "")
	return parsed
}

// gone waits until an upload is deleted, with all of its versions.
func gone(t *testing.T, key string) {
	t.Helper()
	client := s3.NewFromConfig(stage.AWSConfig(local.Region), func(o *s3.Options) { o.UsePathStyle = true })
	for range 50 {
		found, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(statementsBucket(t)), Prefix: aws.String(key)})
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Versions)+len(found.DeleteMarkers) == 0 {
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
	var waited, refused atomic.Int32
	var all sync.WaitGroup
	fresh := newSignedInUser(t, "laura.bassi") // whose plan is not stored yet
	all.Go(func() {
		never := map[string]any{"s3Key": "users/" + fresh.id + "/never"}
		call(t, "POST", "/transactions/parse-statement", fresh.token, never).is(t, http.StatusUnprocessableEntity, "", "")
	})
	for i := range 50 {
		all.Go(func() {
			key := fmt.Sprintf("%s/%s/never-%d", buckets.Prefix, user.id, i)
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
