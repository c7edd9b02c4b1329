package statementtest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/test/statementtest"
)

func TestNew_SameSeed_IsTheSameStatement(t *testing.T) {
	for _, bank := range statementtest.Banks() {
		if !bytes.Equal(statementtest.New(bank, 7).PDF(), statementtest.New(bank, 7).PDF()) {
			t.Errorf("%s: two statements of one seed differ", bank)
		}
		if bytes.Equal(statementtest.New(bank, 7).PDF(), statementtest.New(bank, 8).PDF()) {
			t.Errorf("%s: the statements of two seeds are equal", bank)
		}
	}
}

func TestNew_RowsOfEachSection_LeadFromOpeningToClosing(t *testing.T) {
	for _, bank := range statementtest.Banks() {
		for seed := range uint64(50) {
			made := statementtest.New(bank, seed)
			for _, section := range made.Sections {
				balance := section.Opening
				for _, row := range section.Rows {
					if row.Date.Before(made.Start) || row.Date.After(made.End) {
						t.Errorf("%s %d: a row of %s is outside the period", bank, seed, row.Date)
					}
					balance += row.Pence
				}
				if balance != section.Closing {
					t.Errorf("%s %d: the rows lead to %d, not %d", bank, seed, balance, section.Closing)
				}
			}
		}
	}
}

// The reader is worth its tests only if the statements have what makes statements hard.
func TestNew_ManySeeds_HaveEveryDifficulty(t *testing.T) {
	seen := map[string]bool{}
	for _, bank := range statementtest.Banks() {
		for seed := range uint64(60) {
			made := statementtest.New(bank, seed)
			seen["turn of the year"] = seen["turn of the year"] || made.Start.Year() != made.End.Year()
			days := int(made.End.Sub(made.Start)/(24*time.Hour)) + 1
			seen["a quarter"] = seen["a quarter"] || days > 88 && days < 93
			seen["a year"] = seen["a year"] || days > 364
			seen["no printed year"] = seen["no printed year"] || made.Undated
			seen["several pages"] = seen["several pages"] || len(made.Pages) > 3
			seen["two accounts"] = seen["two accounts"] || len(made.Sections) > 1
			for _, section := range made.Sections {
				seen["no rows"] = seen["no rows"] || len(section.Rows) == 0
				seen["overdrawn"] = seen["overdrawn"] || section.Closing < 0
				for i, row := range section.Rows {
					seen["lines of text"] = seen["lines of text"] || len(row.Lines) > 3
					seen["a bank as payee"] = seen["a bank as payee"] || bank != "barclays" && strings.Contains(strings.Join(row.Lines, " "), "BARCLAYS PRTNR FIN")
					seen["row of zero"] = seen["row of zero"] || row.Pence == 0
					seen["equal rows"] = seen["equal rows"] || i > 0 && row.Pence == section.Rows[i-1].Pence && row.Date == section.Rows[i-1].Date
				}
			}
		}
	}
	for _, difficulty := range []string{
		"turn of the year", "a quarter", "a year", "no printed year", "a bank as payee", "several pages", "two accounts", "no rows", "overdrawn", "lines of text", "row of zero", "equal rows",
	} {
		if !seen[difficulty] {
			t.Errorf("no statement has: %s", difficulty)
		}
	}
}
