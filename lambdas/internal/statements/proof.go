package statements

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/money"
)

// takeTotals takes the sum that a line outside of the table names.
func (s *section) takeTotals(t totals, text string) {
	for _, total := range []struct {
		pattern *regexp.Regexp
		value   **money.Amount
	}{{t.opening, &s.opening}, {t.closing, &s.closing}, {t.out, &s.out}, {t.in, &s.in}} {
		if total.pattern == nil || *total.value != nil {
			continue
		}
		found := total.pattern.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		if a, ok := parseAmount(found[1]); ok {
			value := a.balance()
			*total.value = &value
			return
		}
	}
}

// prove checks the rows of a section against the printed balances and totals, and orders them from the
// oldest. It returns ErrUnproven unless every row is proven.
func (s *section) prove(l *layout) error {
	if l.newestFirst {
		slices.Reverse(s.rows)
	}
	if l.card {
		s.negateBalances()
	}
	running, known := s.start()
	if !known {
		return fmt.Errorf("%w: no opening balance", ErrUnproven)
	}
	if s.closing == nil && (l.closing != nil || l.totals.closing != nil) {
		return fmt.Errorf("%w: no closing balance, so that rows may be missing at the end", ErrUnproven)
	}
	unproven := true
	for i, row := range s.rows {
		running = running.Add(row.Amount)
		unproven = true
		if row.balance == nil {
			continue
		}
		if !running.Equal(*row.balance) {
			return fmt.Errorf("%w: row %d leads to another balance", ErrUnproven, i+1)
		}
		unproven = false
	}
	if s.closing != nil {
		if !running.Equal(*s.closing) {
			return fmt.Errorf("%w: the closing balance differs", ErrUnproven)
		}
		unproven = false
	}
	if unproven {
		return fmt.Errorf("%w: no balance follows the last row", ErrUnproven)
	}
	if err := s.proveOrder(); err != nil {
		return err
	}
	return s.proveTotals()
}

// proveOrder refuses rows whose days run backwards: some have a wrong year.
func (s *section) proveOrder() error {
	var latest time.Time
	for i, row := range s.rows {
		if row.Date.Before(latest.Add(-maxBackwards)) {
			return fmt.Errorf("%w: row %d lies more than a month before an earlier row", ErrUnproven, i+1)
		}
		if row.Date.After(latest) {
			latest = row.Date
		}
	}
	return nil
}

// start returns the balance before the first row. A statement without an opening balance must name the
// totals of what went out and came in: they prove the first row.
func (s *section) start() (money.Amount, bool) {
	if s.opening != nil {
		return *s.opening, true
	}
	if s.out == nil || s.in == nil {
		return money.Amount{}, false
	}
	if len(s.rows) == 0 && s.closing != nil {
		return *s.closing, true
	}
	if len(s.rows) == 0 || s.rows[0].balance == nil {
		return money.Amount{}, false
	}
	return s.rows[0].balance.Sub(s.rows[0].Amount), true
}

// negateBalances turns what the holder of a card owes into balances.
func (s *section) negateBalances() {
	for _, balance := range []**money.Amount{&s.opening, &s.closing} {
		if *balance != nil {
			value := (*balance).Neg()
			*balance = &value
		}
	}
}

// proveTotals checks the sums of what went out and came in.
func (s *section) proveTotals() error {
	var out, in money.Amount
	for _, row := range s.rows {
		if row.Amount.Sign() < 0 {
			out = out.Sub(row.Amount)
		} else {
			in = in.Add(row.Amount)
		}
	}
	if s.out != nil && !s.out.Abs().Equal(out) || s.in != nil && !s.in.Abs().Equal(in) {
		return fmt.Errorf("%w: the totals differ", ErrUnproven)
	}
	return nil
}
