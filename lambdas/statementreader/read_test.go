package statementreader

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/packed"
	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/test/statementtest"
)

var errDown = errors.New("down")

// fakeFiles are uploads by key.
type fakeFiles map[string]string

func (f fakeFiles) Read(_ context.Context, key, _ string) ([]byte, error) {
	content, ok := f[key]
	switch {
	case !ok:
		return nil, uploads.ErrNotFound
	case content == "huge":
		return nil, uploads.ErrTooLarge
	case content == "down":
		return nil, errDown
	}
	return []byte(content), nil
}

func (f fakeFiles) Delete(_ context.Context, key string) error {
	delete(f, key)
	return nil
}

// fakeJobs are settled jobs by id: a code of failure, or "done". The user "gone" has no account.
type fakeJobs struct {
	settled map[string]string
	source  erasure.Source
	result  statementjob.Statement
	tooLong bool // for an item
}

func (f *fakeJobs) settle(userID, id, outcome string) error {
	if userID == "gone" {
		return accounts.ErrNotFound
	}
	if f.settled[id] == "" {
		f.settled[id] = outcome
	}
	return nil
}

func (f *fakeJobs) Settled(_ context.Context, userID, id string) (bool, error) {
	return f.settled[id] != "", nil
}

// maxItem is a little less than DynamoDB takes.
const maxItem = 399 << 10

func (f *fakeJobs) Finish(_ context.Context, userID, id string, source erasure.Source, result statementjob.Statement) error {
	f.source = source
	if text, err := packed.Encode(result); f.tooLong || err != nil || len(text) > maxItem {
		return errors.Join(store.ErrTooLarge, err)
	}
	f.result = result
	return f.settle(userID, id, "done")
}

func (f *fakeJobs) Fail(_ context.Context, userID, id string, _ erasure.Source, code string) error {
	return f.settle(userID, id, code)
}

// pdfs reads the files of all tests: PDFium is compiled once.
var pdfs = sync.OnceValue(func() *reader {
	r := &reader{}
	if err := r.compile(context.Background()); err != nil {
		panic(err)
	}
	return r
})

// failing is a reader of PDFs that returns an error, or panics with nil pages.
type failing struct{ err error }

func (f failing) Read(context.Context, []byte) ([]pdftext.Page, error) { return nil, f.err }

func TestRead_Upload_SettlesItsJobAndIsDeleted(t *testing.T) {
	whole := string(statementtest.NewOfRows("monzo", 1, 10).PDF())
	for name, tc := range map[string]struct {
		key, content, settled, want string
		kept                        bool
	}{
		"a statement":         {"users/ada/a", whole, "", "done", false},
		"a damaged PDF":       {"users/ada/a", "%PDF-1.7 …", "", statementjob.Unreadable, false},
		"an image":            {"users/ada/a", "\x89PNG", "", statementjob.NotPDF, false},
		"a header far behind": {"users/ada/a", strings.Repeat(" ", 2000) + whole, "", statementjob.NotPDF, false},
		"an empty file":       {"users/ada/a", "", "", statementjob.NotPDF, false},
		"a huge file":         {"users/ada/a", "huge", "", statementjob.TooLarge, false},
		"settled before":      {"users/ada/a", "\x89PNG", "done", "done", false},
		"S3 is down":          {"users/ada/a", "down", "", "", true},
		"a deleted account":   {"users/gone/a", whole, "", "", false},
		"a key of none":       {"elsewhere/a", whole, "", "", false},
	} {
		files, done := fakeFiles{tc.key: tc.content}, &fakeJobs{settled: map[string]string{}}
		if tc.settled != "" {
			done.settled[tc.key] = tc.settled
		}
		err := (&reader{files: files, jobs: done, pdfs: pdfs().pdfs}).Read(t.Context(), function.Upload{Key: tc.key})
		if (err != nil) != tc.kept || done.settled[tc.key] != tc.want || (len(files) > 0) != tc.kept {
			t.Errorf("%s: got %v, the job is %q, %d left", name, err, done.settled[tc.key], len(files))
		}
	}
}

// An erasure of the user's data is compared with the time of the upload, however late it is read.
func TestRead_Statement_HasTheTimeOfItsUpload(t *testing.T) {
	files := fakeFiles{"users/ada/a": string(statementtest.NewOfRows("monzo", 1, 10).PDF())}
	done, at := &fakeJobs{settled: map[string]string{}}, time.UnixMilli(1_000_000)
	err := (&reader{files: files, jobs: done, pdfs: pdfs().pdfs}).Read(t.Context(), function.Upload{Key: "users/ada/a", At: at})
	if err != nil || done.source != erasure.CausedAt(at.UnixMilli()) {
		t.Errorf("the source is %+v, %v", done.source, err)
	}
}

func TestRead_UploadThatIsGone_FailsItsJob(t *testing.T) {
	done := &fakeJobs{settled: map[string]string{}}
	if err := (&reader{files: fakeFiles{}, jobs: done}).Read(t.Context(), function.Upload{Key: "users/ada/a"}); err != nil || done.settled["users/ada/a"] != statementjob.NotFound {
		t.Errorf("got %v, %v", err, done)
	}
}

// settled returns what a job comes to whose file PDFium reads with an error.
func settled(t *testing.T, with error) (string, error) {
	t.Helper()
	done := &fakeJobs{settled: map[string]string{}}
	err := (&reader{files: fakeFiles{"users/ada/a": "%PDF-"}, jobs: done, pdfs: failing{with}}).Read(t.Context(), function.Upload{Key: "users/ada/a"})
	return done.settled["users/ada/a"], err
}

func TestRead_Refusals_HaveTheirCodes(t *testing.T) {
	for want, err := range map[string]error{
		statementjob.Encrypted: pdftext.ErrEncrypted, statementjob.NoText: pdftext.ErrNoText, statementjob.TooLong: pdftext.ErrTooLong,
		statementjob.TooComplex: errTooComplex, statementjob.Unreadable: pdftext.ErrUnreadable,
	} {
		if code, err := settled(t, fmt.Errorf("page 3: %w", err)); code != want || err != nil {
			t.Errorf("%s: got %q, %v", want, code, err)
		}
	}
	if code, err := settled(t, context.DeadlineExceeded); code != "" || err == nil {
		t.Errorf("an error that may pass: got %q, %v", code, err)
	}
	if code, err := settled(t, nil); code != statementjob.Unreadable || err != nil { // the layout is looked for on the first page
		t.Errorf("a panic: got %q, %v", code, err)
	}
}

// printed are the pages of any file.
type printed []pdftext.Page

func (p printed) Read(context.Context, []byte) ([]pdftext.Page, error) { return p, nil }

// Rows that take too much time are refused, as files that PDFium reads for too long: the job is settled once.
func TestRead_RowsThatTakeTooLong_AreRefused(t *testing.T) {
	statement, err := pdfs().pdfs.Read(t.Context(), statementtest.NewOfRows("monzo", 1, 10).PDF())
	if err != nil {
		t.Fatal(err)
	}
	crowded := printed{{Lines: make([]pdftext.Line, 100_000)}}
	defer func(before time.Duration) { maxTime = before }(maxTime)
	for name, tc := range map[string]struct {
		pages printed
		time  time.Duration
		want  string
	}{
		"a page of 100,000 lines": {crowded, maxTime, statementjob.TooLong},
		"no time":                 {printed(statement), 0, statementjob.TooComplex},
	} {
		maxTime = tc.time
		files, done := fakeFiles{"users/ada/a": "%PDF-"}, &fakeJobs{settled: map[string]string{}}
		err := (&reader{files: files, jobs: done, pdfs: tc.pages}).Read(t.Context(), function.Upload{Key: "users/ada/a"})
		if err != nil || done.settled["users/ada/a"] != tc.want || len(files) > 0 {
			t.Errorf("%s: got %v, %v, %d left", name, err, done.settled, len(files))
		}
	}
}

// Where a bank has no code and no account was found, the layout stands for the account, so that equal rows of two banks
// are two payments. It is the same for each statement of a bank.
func TestRead_UnknownBankWithoutAccount_HasItsLayoutAsAccount(t *testing.T) {
	account := func(bank string, seed uint64, sortCode string) string {
		made := statementtest.NewOfRows(bank, seed, 10).Anonymous()
		for i, run := range made.Pages[0].Runs {
			if strings.Contains(run.Text, made.Account) {
				made.Pages[0].Runs[i].Text = "Sort code: " + sortCode
			}
		}
		done := &fakeJobs{settled: map[string]string{}}
		r := &reader{files: fakeFiles{"users/ada/a": string(made.PDF())}, jobs: done, pdfs: pdfs().pdfs}
		if err := r.Read(t.Context(), function.Upload{Key: "users/ada/a"}); err != nil || done.result.AccountIdentifier == nil {
			t.Fatalf("%s: got %v, %v", bank, err, done)
		}
		return *done.result.AccountIdentifier
	}
	chase := account("chase", 1, "60-84-07")
	if next := account("chase", 2, "60-84-07"); next != chase {
		t.Errorf("two statements of a bank: %s and %s", chase, next)
	}
	if other := account("santander", 1, "60-84-07"); other == chase {
		t.Errorf("two banks with other headings: both %s", chase)
	}
	if other := account("chase", 1, "11-22-33"); other == chase {
		t.Errorf("two banks with equal headings: both %s", chase)
	}
}

// What is read is what was printed, in the form that the app reads and sends back.
func TestRead_Statement_HasRowsForTheApp(t *testing.T) {
	for _, bank := range statementtest.Banks() {
		made := statementtest.NewOfRows(bank, 5, 40)
		done := &fakeJobs{settled: map[string]string{}}
		err := (&reader{files: fakeFiles{"users/ada/a": string(made.PDF())}, jobs: done, pdfs: pdfs().pdfs}).Read(t.Context(), function.Upload{Key: "users/ada/a"})
		if err != nil || done.settled["users/ada/a"] != "done" || done.result.Issuer == nil || *done.result.Issuer != made.Issuer || *done.result.AccountIdentifier != made.Account {
			t.Errorf("%s: got %v, %v", bank, err, done)
			continue
		}
		rows := shown(made)
		if len(rows) != len(done.result.Transactions) {
			t.Errorf("%s: %d rows, not %d", bank, len(done.result.Transactions), len(rows))
			continue
		}
		for i, row := range rows {
			got := done.result.Transactions[i]
			kind := map[bool]string{true: "debit", false: "credit"}[row.Pence < 0]
			if got.Date != row.Date.Format(time.DateOnly) || !got.Amount.Equal(money.FromMinor(row.Pence, 2)) || got.Type != kind || got.Merchant == "" {
				t.Errorf("%s: row %d is %+v, not %+v", bank, i, got, row)
			}
		}
	}
}

func TestRead_RowsThatDoNotAddUp_AreRefused(t *testing.T) {
	made := statementtest.NewOfRows("lloyds", 3, 20)
	runs := made.Pages[0].Runs
	for i := range runs {
		if strings.HasSuffix(runs[i].Text, ".37") || runs[i].Right && strings.Contains(runs[i].Text, ".") {
			runs[i].Text = "1.11"
			break
		}
	}
	done := &fakeJobs{settled: map[string]string{}}
	if err := (&reader{files: fakeFiles{"users/ada/a": string(made.PDF())}, jobs: done, pdfs: pdfs().pdfs}).Read(t.Context(), function.Upload{Key: "users/ada/a"}); err != nil || done.settled["users/ada/a"] != statementjob.Unproven {
		t.Errorf("got %v, %v", err, done.settled)
	}
}

// damaged is how many damaged files are read:
//
//	go test ./lambdas/statementreader -run Damaged -v -damaged 1300
var damaged = flag.Int("damaged", 80, "how many damaged files are read")

// Damaged files are refused with a code, or what is read of them is right: none panics, none is tried for ever, and
// none has an amount that was not printed. Fewer than one in a hundred lose rows unnoticed.
func TestRead_DamagedFiles_SettleTheirJobs(t *testing.T) {
	random, outcomes, incomplete := rand.New(rand.NewPCG(7, 9)), map[string]int{}, 0
	for i := range *damaged {
		made := statementtest.NewOfRows(statementtest.Banks()[i%len(statementtest.Banks())], uint64(i), 10)
		r := &reader{pdfs: pdfs().pdfs, files: fakeFiles{"users/ada/a": string(statementtest.Damage(random, made.PDF()))}}
		statement, err := r.read(t.Context(), "ada", "users/ada/a")
		switch code := codeOf(err); {
		case errors.Is(err, errFault):
			t.Errorf("file %d panics", i)
		case err != nil && code == "":
			t.Errorf("file %d would be tried again: %v", i, err)
		case err != nil:
			outcomes[code]++
		case len(statement.Transactions) == 0:
			outcomes["unknown"]++
		default:
			outcomes["read"]++
			rows := shown(made)
			if !isPartOf(statement.Transactions, rows) {
				t.Errorf("file %d of %s has amounts that were not printed", i, made.Bank)
			}
			if len(statement.Transactions) < len(rows) {
				incomplete++
				t.Logf("file %d of %s: %d of %d rows", i, made.Bank, len(statement.Transactions), len(rows))
			}
		}
	}
	t.Logf("%v", outcomes)
	if incomplete > *damaged/100 {
		t.Errorf("%d of %d damaged files lose rows", incomplete, *damaged)
	}
}

// isPartOf reports whether transactions are rows that were printed, in their order.
func isPartOf(transactions []statementjob.Transaction, rows []statementtest.Row) bool {
	for _, row := range rows {
		if len(transactions) > 0 && transactions[0].Amount.Equal(money.FromMinor(row.Pence, 2)) {
			transactions = transactions[1:]
		}
	}
	return len(transactions) == 0
}

// shown returns the rows of a statement that users see.
func shown(made statementtest.Statement) (rows []statementtest.Row) {
	for _, section := range made.Sections {
		for _, row := range section.Rows {
			if row.Pence != 0 {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// The longest statements that are accepted fit an item of DynamoDB and a response, and longer ones are refused.
func TestRead_LongStatements_FitOrAreRefused(t *testing.T) {
	defer func(before time.Duration) { maxTime = before }(maxTime)
	maxTime = time.Hour
	longest := 0
	for _, rows := range []int{5000, 7000} {
		made := statementtest.NewOfRows("monzo", 9, rows)
		done := &fakeJobs{settled: map[string]string{}}
		if err := (&reader{files: fakeFiles{"users/ada/a": string(made.PDF())}, jobs: done, pdfs: pdfs().pdfs}).Read(t.Context(), function.Upload{Key: "users/ada/a"}); err != nil {
			t.Fatal(err)
		}
		text, err := packed.Encode(done.result)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d rows on %d pages: %s, %d KB in the item, %d KB in the response", rows, len(made.Pages), done.settled["users/ada/a"], len(text)>>10, sizeOf(done.result)>>10)
		switch done.settled["users/ada/a"] {
		case "done":
			longest = rows
		case statementjob.TooLong:
		default:
			t.Errorf("%d rows: %v", rows, done.settled)
		}
	}
	if longest < 5000 {
		t.Errorf("the longest that was read has %d rows", longest)
	}
}

func TestRead_ResultOverAnItem_IsTooLong(t *testing.T) {
	done := &fakeJobs{settled: map[string]string{}, tooLong: true}
	whole := string(statementtest.NewOfRows("monzo", 1, 10).PDF())
	err := (&reader{files: fakeFiles{"users/ada/a": whole}, jobs: done, pdfs: pdfs().pdfs}).Read(t.Context(), function.Upload{Key: "users/ada/a"})
	if err != nil || done.settled["users/ada/a"] != statementjob.TooLong {
		t.Errorf("got %v, %v", err, done.settled)
	}
}

func TestStatementOf_ResponseOverTheLimit_IsTooLong(t *testing.T) {
	one := statementjob.Statement{Transactions: []statementjob.Transaction{{Date: "2026-07-01", Merchant: `A "B" \`, Type: "debit"}}}
	text, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	inResponse, err := json.Marshal(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := sizeOf(one); got != len(inResponse)-2 {
		t.Errorf("got %d, want %d", got, len(inResponse)-2)
	}
}

// The log says why a statement was refused, and nothing that stands in it.
func TestRead_Refusal_LogsNoText(t *testing.T) {
	var log bytes.Buffer
	ctx, _ := telemetry.WithRequest(t.Context(), slog.New(slog.NewJSONHandler(&log, nil)), telemetry.Request{})
	for _, bank := range statementtest.Banks() {
		for seed := range uint64(6) {
			made := statementtest.NewOfRows(bank, seed, 8)
			page := &made.Pages[0]
			page.Runs = append(page.Runs[:len(page.Runs)/2], page.Runs[len(page.Runs)/2+1:]...)
			_ = (&reader{files: fakeFiles{"users/ada/a": string(made.PDF())}, jobs: &fakeJobs{settled: map[string]string{}}, pdfs: pdfs().pdfs}).Read(ctx, function.Upload{Key: "users/ada/a"})
			for _, row := range made.Sections[0].Rows {
				for _, line := range row.Lines {
					if strings.Contains(log.String(), line) {
						t.Fatalf("the log has a text of the statement: %s", log.String())
					}
				}
			}
		}
	}
	if !strings.Contains(log.String(), statementjob.Unproven) {
		t.Errorf("nothing was refused: %s", log.String())
	}
}
