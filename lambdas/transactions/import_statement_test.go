package transactions

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/test/contract"
)

const monzoJuly = `{"issuer":"Monzo","accountIdentifier":"12345678","periodStart":"2026-07-01","periodEnd":"2026-07-31","filename":"July.pdf"}`

// statementLine is a row as it was served.
func statementLine(day, amount, text string) string {
	kind := "credit"
	if strings.HasPrefix(amount, "-") {
		kind = "debit"
	}
	return fmt.Sprintf(`{"date":%q,"merchant":"Acme","description":%q,"amount":%s,"type":%q}`, day, text, amount, kind)
}

func (w *importWorld) loadStatement(user, metadata string, rows ...string) (statementImportResponse, error) {
	w.t.Helper()
	in := routetest.MustRead[statementImportRequest](w.t, `{"transactions":[`+strings.Join(rows, ",")+`],"statement":`+metadata+`}`, nil)
	return w.files().ImportStatement(w.t.Context(), function.Caller{UserID: user}, in)
}

func (w *importWorld) mustLoadStatement(user, metadata string, rows ...string) statementImportResponse {
	w.t.Helper()
	response, err := w.loadStatement(user, metadata, rows...)
	must(w.t, err)
	return response
}

func (w *importWorld) statementsOf(user string) statementsResponse {
	w.t.Helper()
	response, err := (&list{statements: w.statements.Table}).ListStatements(w.t.Context(), function.Caller{UserID: user}, function.NoInput{})
	must(w.t, err)
	return response
}

func monzoRows() []string {
	return []string{
		statementLine("2026-07-01", "-3.5", "ACME COFFEE"), statementLine("2026-07-01", "-3.5", "ACME COFFEE"),
		statementLine("2026-07-31", "1200", "BANK GIRO CREDIT REF EMPLOYER, SALARY"),
	}
}

func TestImportStatement_Rows_AreStoredOnceAndTheStatementListed(t *testing.T) {
	w := newImportWorld(t)
	got := w.mustLoadStatement("ada", monzoJuly, append(monzoRows(), `7`, statementLine("2026-07-02", "0", "CHECK"))...)
	if s := got.Summary; s.Total != 5 || s.Imported != 3 || s.Failed != 2 || s.DuplicatesSkipped != 0 || got.AlreadyImported || *got.Statement.Issuer != "Monzo" || *got.Statement.Filename != "July.pdf" {
		t.Errorf("got %+v", got)
	}
	again := w.mustLoadStatement("ada", monzoJuly, monzoRows()...)
	if s := again.Summary; s.Imported != 0 || s.DuplicatesSkipped != 3 || !again.AlreadyImported || len(w.quota.taken) != 1 {
		t.Errorf("again: %+v, taken %v", again, w.quota.taken)
	}
	stored := w.all("ada")
	if len(stored) != 3 || stored[0].Account != "monzo" || stored[0].Source != transactionstore.Statement || stored[0].Day != "2026-07-31" || stored[0].Category != "salary" {
		t.Errorf("%d are stored, the newest is %+v", len(stored), stored[0].Transaction)
	}
	listed := w.statementsOf("ada")
	if listed.Count != 1 || listed.Statements[0].BankName != "Monzo" || *listed.Statements[0].PeriodMonth != "2026-07" || listed.Statements[0].TransactionCount != 3 {
		t.Errorf("listed %+v", listed)
	}
	if w.statementsOf("eve").Count != 0 {
		t.Error("another user sees the statement")
	}
	if text := dynamotest.Text(t, w.statements.Name); strings.Contains(text, "12345678") || strings.Contains(text, "July.pdf") || strings.Contains(text, "Monzo") {
		t.Errorf("the statement is stored in clear: %s", text)
	}
	document, err := contract.Load("../../api/openapi.yaml")
	must(t, err)
	for path, response := range map[string]any{"POST /transactions/import-statement": got, "GET /transactions/statements": listed} {
		text, err := json.Marshal(response)
		must(t, err)
		method, route, _ := strings.Cut(path, " ")
		if err := document.CheckResponse(t.Context(), method, route, http.StatusOK, http.Header{"Content-Type": {"application/json"}}, text); err != nil {
			t.Error(err)
		}
	}
}

// The user selects some rows first, then all: the statement is one, and counts once.
func TestImportStatement_SelectionThenAll_IsOneStatement(t *testing.T) {
	w := newImportWorld(t)
	w.quota.limit = 1
	w.mustLoadStatement("ada", monzoJuly, monzoRows()[:1]...)
	got := w.mustLoadStatement("ada", monzoJuly, monzoRows()...)
	if got.Summary.Imported != 2 || got.Summary.DuplicatesSkipped != 1 || got.AlreadyImported || len(w.all("ada")) != 3 {
		t.Errorf("got %+v", got)
	}
	if listed := w.statementsOf("ada"); listed.Count != 1 || listed.Statements[0].TransactionCount != 3 {
		t.Errorf("listed %+v", listed)
	}
	if w.mustLoadStatement("ada", monzoJuly, monzoRows()[:1]...); w.statementsOf("ada").Statements[0].TransactionCount != 3 {
		t.Error("a smaller selection lowered the number of transactions")
	}
}

// A bank words one payment in its statements differently from its files.
func TestImportStatement_AfterCSVOfTheBank_AddsOnlyWhatIsNew(t *testing.T) {
	w := newImportWorld(t)
	w.mustLoad("ada", csvBody(csvLine("2026-07-01", "-3.5", "Acme Coffee"), csvLine("2026-07-01", "-3.5", "Acme Coffee")))
	got := w.mustLoadStatement("ada", monzoJuly, statementLine("2026-07-01", "-3.5", "ACME COFFEE LONDON GBR"), statementLine("2026-07-01", "-3.5", "ACME COFFEE LONDON GBR"),
		statementLine("2026-07-02", "-9", "BOOKS"))
	if got.Summary.Imported != 1 || got.Summary.DuplicatesSkipped != 2 || len(w.all("ada")) != 3 {
		t.Errorf("got %+v", got.Summary)
	}
	if s := w.mustLoad("ada", csvBody(csvLine("2026-07-02", "-9", "Books"), csvLine("2026-07-03", "-1", "Tea"))); s.Imported != 1 || s.DuplicatesSkipped != 1 {
		t.Errorf("a file after the statement: %+v", s)
	}
}

// Interest of two accounts at one bank is paid on the same day.
func TestImportStatement_EqualRowsOfTwoAccounts_BothStay(t *testing.T) {
	w := newImportWorld(t)
	interest := statementLine("2026-07-31", "0.05", "Interest Paid")
	w.mustLoadStatement("ada", monzoJuly, interest)
	other := strings.Replace(monzoJuly, "12345678", "87654321", 1)
	if got := w.mustLoadStatement("ada", other, interest); got.Summary.Imported != 1 || len(w.all("ada")) != 2 {
		t.Errorf("got %+v", got.Summary)
	}
	if again := w.mustLoadStatement("ada", other, interest); !again.AlreadyImported || w.statementsOf("ada").Count != 2 {
		t.Errorf("again: %+v", again.Summary)
	}
}

// Both legs of an own transfer, from statements of two banks, are linked.
func TestImportStatement_BothLegsOfTransfer_AreLinked(t *testing.T) {
	w := newImportWorld(t)
	w.mustLoadStatement("ada", monzoJuly, statementLine("2026-07-10", "75", "M SOMERVILLE"))
	natwest := strings.Replace(monzoJuly, "Monzo", "NatWest", 1)
	w.mustLoadStatement("ada", natwest, statementLine("2026-07-09", "-75", "To A/C 12345678 Via Mobile Xfer"))
	for _, one := range w.all("ada") {
		if one.TransferID == "" {
			t.Errorf("%s is not linked", one.Text.Description)
		}
	}
}

func TestImportStatement_QuotaUsedUp_StoresNothing(t *testing.T) {
	w := newImportWorld(t)
	w.quota.limit = 0
	_, err := w.loadStatement("ada", monzoJuly, monzoRows()...)
	if got := apierror.From(err); got.Code != "IMPORT_LIMIT_REACHED" || got.Status != 422 || len(w.all("ada")) != 0 || w.statementsOf("ada").Count != 0 {
		t.Errorf("got %v", err)
	}
}

// Rows that cannot be of the period are a statement of their own: without that, one period would hold all imports.
func TestImportStatement_RowsOfOtherPeriods_CountByThemselves(t *testing.T) {
	const nothing = `{"issuer":null,"accountIdentifier":null,"periodStart":null,"periodEnd":null,"filename":null}`
	for name, metadata := range map[string]string{"another period": monzoJuly, "no period": nothing} {
		w := newImportWorld(t)
		w.mustLoadStatement("ada", metadata, statementLine("2026-03-01", "-1", "TEA"))
		w.mustLoadStatement("ada", metadata, statementLine("2026-04-01", "-1", "TEA"))
		if len(w.quota.taken) != 2 || w.statementsOf("ada").Count != 2 {
			t.Errorf("%s: taken %v", name, w.quota.taken)
		}
		if w.mustLoadStatement("ada", metadata, statementLine("2026-03-01", "-1", "TEA")); len(w.quota.taken) != 2 {
			t.Errorf("%s again: taken %v", name, w.quota.taken)
		}
	}
}

// What a client says of the bank never becomes a code, which is stored in clear.
func TestImportStatement_MetadataOfClient_IsBounded(t *testing.T) {
	w := newImportWorld(t)
	w.mustLoadStatement("ada", `{"issuer":"maria agnesi","accountIdentifier":null,"periodStart":null,"periodEnd":"with maria","filename":null}`, monzoRows()[0])
	if stored := w.all("ada"); stored[0].Account != "generic" || stored[0].Text.BankName != "maria agnesi" {
		t.Errorf("stored %+v", stored[0])
	}
	if listed := w.statementsOf("ada"); listed.Statements[0].PeriodMonth != nil || listed.Statements[0].UploadedAt == "" {
		t.Errorf("listed %+v", listed)
	}
	if text := dynamotest.Text(t, w.statements.Name); strings.Contains(text, "maria") {
		t.Errorf("a text of the client is stored in clear: %s", text)
	}
	for _, metadata := range []string{`{"issuer":"<script>"}`, `{"filename":"` + strings.Repeat("a", 256) + `"}`} {
		if _, err := routetest.Read[statementImportRequest](`{"transactions":[`+monzoRows()[0]+`],"statement":`+metadata+`}`, nil); err == nil {
			t.Errorf("%s is accepted", metadata)
		}
	}
}

func TestListStatements_ManyPeriods_NewestFirst(t *testing.T) {
	w := newImportWorld(t)
	for _, month := range []string{"03", "12", "07"} {
		metadata := strings.ReplaceAll(monzoJuly, "2026-07", "2026-"+month)
		w.mustLoadStatement("ada", metadata, statementLine("2026-"+month+"-01", "-1", "TEA"))
	}
	var ends []string
	for _, s := range w.statementsOf("ada").Statements {
		ends = append(ends, *s.PeriodEnd)
	}
	if !slices.Equal(ends, []string{"2026-12-31", "2026-07-31", "2026-03-31"}) {
		t.Errorf("got %v", ends)
	}
}
