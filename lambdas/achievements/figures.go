package achievements

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

// wholeMonths returns the months before the current one, the oldest first.
func wholeMonths(months []transactionstore.Month, current string) (whole []transactionstore.Month) {
	for _, month := range slices.Backward(months) {
		if month.Month < current {
			whole = append(whole, month)
		}
	}
	return whole
}

// saved reports whether a month's income is above its spending.
func saved(month transactionstore.Month) bool { return month.Income.Cmp(month.Spend) > 0 }

// streaksOf returns the streaks of months in which the user saved. A month without
// transactions ends a streak, and so does the end of all months before last month.
func streaksOf(whole []transactionstore.Month, current string) streaksResponse {
	var found streaksResponse
	run, next := 0, ""
	for _, month := range whole {
		if month.Month != next {
			run = 0
		}
		run, next = run+1, dates.AddMonths(month.Month, 1)
		if !saved(month) {
			run = 0
		}
		found.LongestSavingsStreak = max(found.LongestSavingsStreak, run)
	}
	if next == current {
		found.CurrentSavingsStreak = run
	}
	return found
}

// startOf returns when a month begins for users.
func startOf(month string) time.Time {
	start, _ := time.ParseInLocation(dates.MonthLayout, month, calendar.Location()) // the figures have months only
	return start
}

// Achievements of figures: for streaks of these lengths, and for months in which these
// parts of the income were saved, in percent.
var (
	streakLengths = map[int]string{3: "bronze", 6: "silver", 12: "gold"}
	savingRates   = map[int]string{10: "bronze", 20: "silver", 50: "gold"}
)

// fromFigures returns the achievements that whole months amount to, each as of the end of
// the month that made it true for the first time. They hold while the figures do.
func fromFigures(userID string, whole []transactionstore.Month) (found []achievementResponse) {
	earned := map[string]bool{}
	add := func(id, kind, difficulty, month, title, description string) {
		if !earned[id] {
			earned[id] = true
			found = append(found, newAchievement(userID, id, kind, difficulty, startOf(dates.AddMonths(month, 1)).UnixMilli(), title, description))
		}
	}
	for i, month := range whole {
		run := streaksOf(whole[:i+1], dates.AddMonths(month.Month, 1)).CurrentSavingsStreak
		if difficulty, is := streakLengths[run]; is {
			add(fmt.Sprintf("savings-streak#%d", run), "streak", difficulty, month.Month, fmt.Sprintf("%d months of saving", run),
				fmt.Sprintf("Your income was above your spending in %d months in a row, up to %s.", run, month.Month))
		}
		for rate, difficulty := range savingRates {
			if savedPart(month, rate) {
				add(fmt.Sprintf("savings-rate#%d", rate), "savings_rate", difficulty, month.Month, fmt.Sprintf("Saved %d%%", rate),
					fmt.Sprintf("You saved at least %d%% of your income in %s.", rate, month.Month))
			}
		}
	}
	return found
}

// savedPart reports whether at least a percentage of a month's income is not spent.
func savedPart(month transactionstore.Month, percent int) bool {
	left := month.Income.Sub(month.Spend).Decimal().Mul(decimal.NewFromInt(100))
	return month.Income.Sign() > 0 && left.Cmp(month.Income.Decimal().Mul(decimal.NewFromInt(int64(percent)))) >= 0
}
