package transactions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/categoryrules"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/imports"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local/webacl/sampletexts"
	"github.com/expenzez/infrastructure/test/contract"
)

// importWorld is a stage with the accounts of "ada" and "eve", where an import writes
// one chunk for each second of its time.
type importWorld struct {
	t          *testing.T
	stage      *transactionstoretest.Stage
	rules      *categoryrules.Rules
	parts      sealedtest.Table[tables.PendingImport]
	accounts   erasuretest.Accounts
	quota      *fakeQuota
	statements sealedtest.Table[tables.Statement]
	sent       []imports.Part
	failing    error // of the publisher
	seconds    int   // by which the clock goes on at each look
	clock      sync.Mutex
	at         time.Time
}

func newImportWorld(t *testing.T) *importWorld {
	t.Helper()
	return &importWorld{
		t: t, stage: transactionstoretest.New(t), parts: sealedtest.New[tables.PendingImport](t, tables.PendingImports, "ada", "eve"),
		accounts:   erasuretest.New(t, "ada", "eve"),
		rules:      categoryrules.New(store.New[tables.CategoryRule](dynamotest.Client(t), dynamotest.Table(t, tables.CategoryRules), tables.CategoryRules)),
		statements: sealedtest.New[tables.Statement](t, tables.Statements, "ada", "eve"),
		quota:      &fakeQuota{limit: 4, taken: map[string]bool{}}, at: time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC),
	}
}

func (w *importWorld) now() time.Time {
	w.clock.Lock()
	defer w.clock.Unlock()
	w.at = w.at.Add(time.Duration(w.seconds) * time.Second)
	return w.at
}

func (w *importWorld) Publish(_ context.Context, id string, part imports.Part) error {
	if w.failing != nil {
		return w.failing
	}
	w.sent = append(w.sent, part)
	return nil
}

func (w *importWorld) pending() *imports.Pending {
	return imports.NewPending(w.parts.Table, w.parts.Raw, w.now)
}

func (w *importWorld) files() *fileImport {
	return &fileImport{
		plans: fakePlans{"ada": tables.Free, "eve": tables.Free}, imports: w.quota, importer: imports.New(w.stage.Store, w.rules, w.now),
		pending: w.pending(), parts: w, statements: w.statements.Table, now: w.now,
	}
}

func (w *importWorld) load(user, body string) (csvImportResponse, error) {
	w.t.Helper()
	var in csvRequest
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		w.t.Fatal(err)
	}
	if err := validation.New().Check(&in); err != nil {
		w.t.Fatal(err)
	}
	return w.files().ImportCSV(w.t.Context(), function.Caller{UserID: user}, in)
}

func (w *importWorld) mustLoad(user, body string) importSummary {
	w.t.Helper()
	response, err := w.load(user, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.Summary
}

func (w *importWorld) writePart(part imports.Part) error {
	return (&importParts{w.stage.Store, w.pending(), w.accounts.Guard, w.now}).Write(w.t.Context(), part)
}

func (w *importWorld) all(user string) []*transactionstore.Transaction {
	w.t.Helper()
	page, err := w.stage.List(w.t.Context(), user, transactionstore.Filter{}, 10_000, "")
	if err != nil {
		w.t.Fatal(err)
	}
	if differences, err := w.stage.Repair(w.t.Context(), user, false); err != nil || len(differences) > 0 {
		w.t.Errorf("the figures differ: %v, %v", differences, err)
	}
	return page.Transactions
}

var clientIDs int

// csvLine is a row as the app sends it: with a new id each time.
func csvLine(day, amount, text string) string {
	clientIDs++
	kind := "credit"
	if strings.HasPrefix(amount, "-") {
		kind = "debit"
	}
	return fmt.Sprintf(`{"id":"csv_%d","date":"%sT00:00:00.000Z","description":%q,"merchant":%q,"amount":%s,"originalAmount":%s,"category":"other","type":%q}`,
		clientIDs, day, text, text, amount, amount, kind)
}

func csvBody(rows ...string) string {
	return `{"transactions":[` + strings.Join(rows, ",") + `],"bank":{"id":"monzo","name":"Monzo"}}`
}

func csvLines(n int) (rows []string) {
	for i := range n {
		rows = append(rows, csvLine(fmt.Sprintf("2026-%02d-15", 1+i%6), fmt.Sprintf("-%d.50", 1+i), "ACME SHOP"))
	}
	return rows
}

func TestImport_Rows_AddUpAndEachFailedOneHasAReason(t *testing.T) {
	w := newImportWorld(t)
	rows := []string{
		csvLine("2026-07-01", "-3", "COFFEE"), csvLine("2026-07-01", "-3", "COFFEE"), csvLine("2026-13-01", "-3", "COFFEE"),
		csvLine("2026-07-01", "0", "CARD CHECK"), csvLine("2026-07-01", "-3", ""), csvLine("2026-07-01", "-3", "<INV-1> paid"), `7`, `null`,
		`{"id":"a","date":"2026-07-01T00:00:00Z","description":"X","amount":"ten","originalAmount":1,"category":"other","type":"debit"}`,
		csvLine("2026-07-02", "-4", "I <3 O'Neill's ☕"),
	}
	response, err := w.load("ada", csvBody(rows...))
	if err != nil {
		t.Fatal(err)
	}
	s := response.Summary
	if s.Imported != 4 || s.Failed != 6 || s.DuplicatesSkipped != 0 || response.Imported != 4 || response.Failed != 6 || s.Imported+s.Failed+s.DuplicatesSkipped != len(rows) {
		t.Errorf("got %+v", response)
	}
	if len(response.Errors) != 6 || !strings.HasPrefix(response.Errors[0], "Row 3: ") || response.Errors[1] != "Row 4: "+reasonNoAmount || response.Errors[3] != "Row 7: "+reasonNoRow {
		t.Errorf("the reasons are %q", response.Errors)
	}
	stored := w.all("ada")
	if len(stored) != 4 || len(w.quota.taken) != 1 || !slices.ContainsFunc(stored, func(t *transactionstore.Transaction) bool { return t.Text.Description == "< INV-1> paid" }) {
		t.Errorf("%d are stored, taken %v", len(stored), w.quota.taken)
	}
	document, err := contract.Load("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(response)
	header := http.Header{"Content-Type": {"application/json"}}
	if err := document.CheckResponse(t.Context(), "POST", "/transactions/import-csv", http.StatusOK, header, text); err != nil {
		t.Error(err)
	}
}

func TestReadRow_HonestTexts_AreAccepted(t *testing.T) {
	for _, text := range append(sampletexts.Honest(), "ACME\tSHOP\r\n", "ACME\u200b SHOP") {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		line := strings.Replace(csvLine("2026-07-01", "-3", "TEXT"), `"TEXT"`, string(quoted), 2)
		if _, err := readRow(json.RawMessage(line)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"a\u202egnp", strings.Repeat("a", 501), " \n "} {
		quoted, _ := json.Marshal(text)
		if _, err := readRow(json.RawMessage(strings.Replace(csvLine("2026-07-01", "-3", "TEXT"), `"TEXT"`, string(quoted), 2))); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestImport_SignOfRow_FollowsItsType(t *testing.T) {
	w := newImportWorld(t)
	edited := strings.Replace(csvLine("2026-07-01", "-3", "COFFEE"), `"amount":-3`, `"amount":3`, 1)
	w.mustLoad("ada", csvBody(edited, csvLine("2026-07-02", "5", "REFUND ACME")))
	for _, one := range w.all("ada") {
		if (one.Text.Description == "COFFEE") != (one.Amount.Sign() < 0) {
			t.Errorf("%s has the amount %s", one.Text.Description, one.Amount)
		}
	}
}

func TestImport_SameFileAgain_AddsNothingAndTakesNothing(t *testing.T) {
	w := newImportWorld(t)
	build := func() string { return csvBody(csvLines(200)...) } // with other ids of the client
	if s := w.mustLoad("ada", build()); s.Imported != 200 || len(w.quota.taken) != 1 {
		t.Fatalf("got %+v, taken %v", s, w.quota.taken)
	}
	w.quota.limit = 1
	if s := w.mustLoad("ada", build()); s.Imported != 0 || s.DuplicatesSkipped != 200 || len(w.quota.taken) != 1 {
		t.Errorf("got %+v, taken %v", s, w.quota.taken)
	}
	if _, err := w.load("ada", csvBody(append(csvLines(200), csvLine("2026-07-01", "-9999", "NEW"))...)); apierror.From(err).Code != "IMPORT_LIMIT_REACHED" || apierror.From(err).Status != 422 {
		t.Errorf("a file with a new row: %v", err)
	}
	if len(w.all("ada")) != 200 || len(w.all("eve")) != 0 {
		t.Errorf("%d rows are stored", len(w.all("ada")))
	}
}

func TestImport_NoRowCanBeImported_TakesNothing(t *testing.T) {
	w := newImportWorld(t)
	if s := w.mustLoad("ada", csvBody(`{}`, `7`)); s.Failed != 2 || s.Imported != 0 || len(w.quota.taken) != 0 {
		t.Errorf("got %+v, taken %v", s, w.quota.taken)
	}
	if _, err := w.load("ada", csvBody()); !errors.Is(err, errNoRows) {
		t.Errorf("a file without rows: %v", err)
	}
}

func TestImport_DatabaseDown_GivesTheImportBack(t *testing.T) {
	w := newImportWorld(t)
	w.stage.Store = w.stage.Through(&transactionstoretest.Faulty{Client: dynamotest.Client(t), Next: func() transactionstoretest.Fault { return transactionstoretest.Lost }})
	if _, err := w.load("ada", csvBody(csvLines(3)...)); !errors.Is(err, transactionstoretest.ErrFault) || len(w.quota.taken) != 0 {
		t.Errorf("got %v, taken %v", err, w.quota.taken)
	}
}

// What parse-statement or another request took is not this request's to give back.
func TestImport_DatabaseDownAfterAnotherTook_KeepsTheImport(t *testing.T) {
	w := newImportWorld(t)
	in := routetest.MustRead[csvRequest](t, csvBody(csvLines(3)...), nil)
	file, _ := in.file()
	w.quota.taken[file.ID()] = true
	w.stage.Store = w.stage.Through(&transactionstoretest.Faulty{Client: dynamotest.Client(t), Next: func() transactionstoretest.Fault { return transactionstoretest.Lost }})
	if _, err := w.files().ImportCSV(t.Context(), function.Caller{UserID: "ada"}, in); !errors.Is(err, transactionstoretest.ErrFault) || len(w.quota.taken) != 1 {
		t.Errorf("got %v, taken %v", err, w.quota.taken)
	}
}

// inStep is a meter whose Takes go on once so many requests have taken, so that all of
// them planned before one wrote.
type inStep struct {
	*quota.Meter
	taken *sync.WaitGroup
}

func (m inStep) Take(ctx context.Context, user quota.User, subject string) (bool, error) {
	added, err := m.Meter.Take(ctx, user, subject)
	m.taken.Done()
	m.taken.Wait()
	return added, err
}

// Each of two requests finds all rows new. One of them creates the rows, and the other
// finds them.
func TestImport_SameFileTwiceAtOnce_CountsOnce(t *testing.T) {
	csv := routetest.MustRead[csvRequest](t, csvBody(csvLines(3)...), nil)
	statement := routetest.MustRead[statementImportRequest](t, `{"transactions":[`+strings.Join(monzoRows(), ",")+`],"statement":`+monzoJuly+`}`, nil)
	for name, send := range map[string]func(f *fileImport) (importSummary, error){
		"CSV": func(f *fileImport) (importSummary, error) {
			response, err := f.ImportCSV(t.Context(), function.Caller{UserID: "ada"}, csv)
			return response.Summary, err
		},
		"statement": func(f *fileImport) (importSummary, error) {
			response, err := f.ImportStatement(t.Context(), function.Caller{UserID: "ada"}, statement)
			return response.Summary.importSummary, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, taken := newImportWorld(t), &sync.WaitGroup{}
			meter := quota.New(store.New[tables.QuotaUse](dynamotest.Client(t), dynamotest.Table(t, tables.Quotas), tables.Quotas), Imports, w.now)
			taken.Add(2)
			var summaries [2]importSummary
			var all sync.WaitGroup
			for i := range summaries {
				all.Go(func() {
					f := w.files()
					f.imports = inStep{meter, taken}
					var err error
					if summaries[i], err = send(f); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			usage, err := meter.Usage(t.Context(), quota.User{ID: "ada", Plan: tables.Free})
			if err != nil || usage.Used != 1 || summaries[0].Imported+summaries[1].Imported != 3 || len(w.all("ada")) != 3 {
				t.Errorf("%d imports are counted, the summaries are %+v: %v", usage.Used, summaries, err)
			}
		})
	}
}

// The time of a request ends after some chunks. What is left is saved before the client
// gets its response, and each message may come twice.
func TestImport_MoreThanTheTimeAllows_IsFinishedInParts(t *testing.T) {
	w := newImportWorld(t)
	w.seconds = 5
	rows := csvLines(1300)
	s := w.mustLoad("ada", csvBody(rows...))
	before := len(w.all("ada"))
	if s.Imported != 1300 || s.Pending == 0 || before != 1300-s.Pending || len(w.sent) != (s.Pending+499)/500 {
		t.Fatalf("got %+v, %d are stored, %d messages", s, before, len(w.sent))
	}
	if stored := dynamotest.Text(t, w.parts.Name); strings.Contains(stored, "ACME") {
		t.Error("the rows of a part are stored in clear")
	}
	w.seconds = 0
	for _, part := range slices.Concat(w.sent, w.sent) {
		if err := w.writePart(part); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(w.all("ada")); got != 1300 {
		t.Errorf("%d rows are stored", got)
	}
	if again := w.mustLoad("ada", csvBody(csvLines(1300)...)); again.DuplicatesSkipped != 1300 || len(w.quota.taken) != 1 {
		t.Errorf("the same file again: %+v, taken %v", again, w.quota.taken)
	}
}

// The part is still there when its message comes: an erasure takes a while.
func TestImportParts_DuringAnErasure_WriteNothing(t *testing.T) {
	w := newImportWorld(t)
	w.seconds = 9
	w.mustLoad("ada", csvBody(csvLines(600)...))
	before := len(w.all("ada"))
	w.accounts.Begin(t, "ada", w.at.Add(time.Second))
	w.seconds = 0
	for _, part := range w.sent {
		if err := w.writePart(part); err != nil {
			t.Fatal(err)
		}
	}
	if after := len(w.all("ada")); len(w.sent) == 0 || after != before {
		t.Errorf("%d parts wrote %d transactions", len(w.sent), after-before)
	}
}

// A part that takes longer than its message's time comes again and goes on.
func TestImportParts_TimeEnds_PartComesAgain(t *testing.T) {
	w := newImportWorld(t)
	w.seconds = 9
	s := w.mustLoad("ada", csvBody(csvLines(600)...))
	for range 20 {
		if err := w.writePart(w.sent[0]); err == nil {
			break
		} else if !errors.Is(err, errUnfinished) {
			t.Fatal(err)
		}
	}
	if got := len(w.all("ada")); got < 600-s.Pending+min(s.Pending, 500) {
		t.Errorf("%d rows are stored of %+v", got, s)
	}
}

// The publisher fails after the parts were saved: the client gets an error and repeats
// its request.
func TestImport_PublisherDown_RepeatedRequestEndsTheSame(t *testing.T) {
	w := newImportWorld(t)
	w.seconds, w.failing = 9, errDown
	if _, err := w.load("ada", csvBody(csvLines(700)...)); !errors.Is(err, errDown) {
		t.Fatalf("got %v", err)
	}
	w.failing = nil
	s := w.mustLoad("ada", csvBody(csvLines(700)...))
	w.seconds = 0
	for _, part := range w.sent {
		if err := w.writePart(part); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(w.all("ada")); got != 700 || s.Imported+s.DuplicatesSkipped != 700 || len(w.quota.taken) != 1 {
		t.Errorf("%d rows are stored, %+v, taken %v", got, s, w.quota.taken)
	}
}

func TestImportParts_DataErased_WritesNothing(t *testing.T) {
	w := newImportWorld(t)
	w.seconds = 9
	w.mustLoad("ada", csvBody(csvLines(600)...))
	before := len(w.all("ada"))
	rows, err := w.pending().Load(t.Context(), w.sent[0])
	if err != nil || len(rows) == 0 {
		t.Fatalf("loaded %d, %v", len(rows), err)
	}
	if _, err := w.pending().Done(t.Context(), w.sent[0]); err != nil { // as an erasure deletes it
		t.Fatal(err)
	}
	guarded := imports.New(w.stage.Only(w.pending().Exists(w.sent[0])), w.rules, time.Now)
	if _, err := guarded.Write(t.Context(), "ada", rows, time.Now().Add(time.Minute)); !errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("writing an erased part: %v", err)
	}
	if err := w.writePart(w.sent[0]); err != nil || len(w.all("ada")) != before {
		t.Errorf("got %v, %d rows", err, len(w.all("ada")))
	}
}
