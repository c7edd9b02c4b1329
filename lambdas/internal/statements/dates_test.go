package statements_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/statements"
)

// Rows whose dates have no year get that of the period, or that of the dates before them.
func TestRead_DatesWithoutYear_AreOfTheRightYearOrRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		period, opening string
		days            []string
		want            []string // none for a refusal
	}{
		"the first and the last day of a year": {
			"6 April 2025 to 5 April 2026", "", []string{"6 Apr", "10 Jun", "5 Apr"}, []string{"2025-04-06", "2025-06-10", "2026-04-05"},
		},
		"a year, booked late": {
			"1 January 2025 to 31 December 2025", "", []string{"10 Jan", "2 Jan"}, []string{"2025-01-10", "2025-01-02"},
		},
		"a few days before the month": {
			"20 December 2025 to 19 January 2026", "", []string{"15 Dec", "2 Jan"}, []string{"2025-12-15", "2026-01-02"},
		},
		"the turn of the year at the edge of the month": {
			"1 January 2026 to 31 January 2026", "", []string{"30 Dec", "2 Jan"}, []string{"2025-12-30", "2026-01-02"},
		},
		"two years fit":                         {"1 April 2025 to 5 April 2026", "", []string{"3 Apr", "10 Jun"}, nil},
		"two years fit, each out of the period": {"8 April 2025 to 30 March 2026", "", []string{"3 Apr", "10 Jun"}, nil},
		"rows that run backwards":               {"1 January 2025 to 31 December 2025", "", []string{"10 Jun", "5 Apr"}, nil},
		"29 February of a common year":          {"", "", []string{"3 Jan 2026", "29 Feb"}, nil},
		"no period: the year of the first row": {
			"", "", []string{"30 Dec 2025", "2 Jan", "30 Jun", "4 Jan"}, []string{"2025-12-30", "2026-01-02", "2026-06-30", "2027-01-04"},
		},
		"no period: a row booked late": {
			"", "", []string{"2 Jan 2026", "30 Dec", "3 Jan"}, []string{"2026-01-02", "2025-12-30", "2026-01-03"},
		},
		"no period: the year of the opening balance": {"", "30 Dec 2025", []string{"2 Jan", "3 Jan"}, []string{"2026-01-02", "2026-01-03"}},
		"no year at all": {"", "", []string{"30 Dec", "2 Jan"}, nil},
	} {
		var s table
		s.text("Example Bank " + tc.period)
		s.headings()
		s.row(tc.opening, "Opening balance", "", "", "10.00")
		balances := []string{"11.00", "13.00", "16.00", "20.00"}
		for i, day := range tc.days {
			s.row(day, "INTEREST", "", []string{"1.00", "2.00", "3.00", "4.00"}[i], balances[i])
		}
		s.row("", "Closing balance", "", "", balances[len(tc.days)-1])
		read, err := statements.Read(t.Context(), s.pages())
		if tc.want == nil {
			if !errors.Is(err, statements.ErrUnknownLayout) {
				t.Errorf("%s: got %v, %v", name, read.Rows, err)
			}
			continue
		}
		var got []string
		for _, row := range read.Rows {
			got = append(got, row.Date.Format(time.DateOnly))
		}
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
