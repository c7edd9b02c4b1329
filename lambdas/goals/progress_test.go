package goals

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestProgressOf_Figures_FollowFromAmountsAndDates(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	days := func(n int) time.Time { return begin.Add(time.Duration(n) * 24 * time.Hour) }
	for name, c := range map[string]struct {
		target, current string
		due, now        time.Time
		want            progressResponse
	}{
		"nothing saved": {"1000", "0", days(100), days(0), progressResponse{
			AmountRemaining: testkit.Pounds(t, "1000"), DaysRemaining: 100, IsOnTrack: true, RecommendedMonthlySavings: testkit.Pounds(t, "304.38")}},
		"half in half the time": {"1000", "500", days(100), days(50), progressResponse{
			ProgressPercentage: 50, AmountRemaining: testkit.Pounds(t, "500"), DaysRemaining: 50, IsOnTrack: true,
			ProjectedCompletionDate: "2026-04-11T00:00:00.000Z", RecommendedMonthlySavings: testkit.Pounds(t, "304.38")}},
		"a penny behind": {"1000", "499.99", days(100), days(50), progressResponse{
			ProgressPercentage: 49.9, AmountRemaining: testkit.Pounds(t, "500.01"), DaysRemaining: 50,
			ProjectedCompletionDate: "2026-04-11T00:02:52.803Z", RecommendedMonthlySavings: testkit.Pounds(t, "304.39")}},
		"a penny missing": {"100", "99.99", days(100), days(99), progressResponse{
			ProgressPercentage: 99.9, AmountRemaining: testkit.Pounds(t, "0.01"), DaysRemaining: 1, IsOnTrack: true,
			ProjectedCompletionDate: "2026-04-10T00:14:15.445Z", RecommendedMonthlySavings: testkit.Pounds(t, "0.01")}},
		"a part of a day left": {"100", "0", days(200).Add(-12 * time.Hour), days(0), progressResponse{
			AmountRemaining: testkit.Pounds(t, "100"), DaysRemaining: 200, IsOnTrack: true, RecommendedMonthlySavings: testkit.Pounds(t, "15.26")}},
		"overdue": {"100", "50", days(10), days(20), progressResponse{
			ProgressPercentage: 50, AmountRemaining: testkit.Pounds(t, "50"),
			ProjectedCompletionDate: "2026-02-10T00:00:00.000Z", RecommendedMonthlySavings: testkit.Pounds(t, "50")}},
		"due before it was created": {"100", "50", days(-10), days(0), progressResponse{
			ProgressPercentage: 50, AmountRemaining: testkit.Pounds(t, "50"), RecommendedMonthlySavings: testkit.Pounds(t, "50")}},
		"more than the target": {"0.3", "0.31", days(10), days(5), progressResponse{ProgressPercentage: 100, DaysRemaining: 5, IsOnTrack: true}},
		"a pace of centuries": {"1000000000", "0.01", days(10), days(5), progressResponse{
			AmountRemaining: testkit.Pounds(t, "999999999.99"), DaysRemaining: 5, RecommendedMonthlySavings: testkit.Pounds(t, "999999999.99")}},
		"due in the year 9999": {"100", "0", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), days(0), progressResponse{
			AmountRemaining: testkit.Pounds(t, "100"), DaysRemaining: 2912442, IsOnTrack: true, RecommendedMonthlySavings: testkit.Pounds(t, "0.01")}},
	} {
		g := tables.Goal{TargetAmount: testkit.Pounds(t, c.target), CurrentAmount: testkit.Pounds(t, c.current), TargetDate: c.due.UnixMilli(), CreatedAt: begin.UnixMilli()}
		got := progressOf(g, c.now)
		if !got.AmountRemaining.Equal(c.want.AmountRemaining) || !got.RecommendedMonthlySavings.Equal(c.want.RecommendedMonthlySavings) {
			t.Errorf("%s: %s remain, %s a month", name, got.AmountRemaining, got.RecommendedMonthlySavings)
		}
		got.AmountRemaining, got.RecommendedMonthlySavings = c.want.AmountRemaining, c.want.RecommendedMonthlySavings
		if got.ProjectedCompletionDate != c.want.ProjectedCompletionDate || got.ProgressPercentage != c.want.ProgressPercentage ||
			got.DaysRemaining != c.want.DaysRemaining || got.IsOnTrack != c.want.IsOnTrack {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}
