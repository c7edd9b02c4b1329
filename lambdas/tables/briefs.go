package tables

import "github.com/expenzez/infrastructure/lambdas/money"

// BriefReaders lists the users of a time zone who read briefs, and those who read reports.
// Only items of type BriefReader are in it.
var BriefReaders = &Index{
	Name:         "readers",
	PartitionKey: Attribute{Name: "readerZone", Type: String},
	SortKey:      Attribute{Name: "userId", Type: String},
}

// Briefs holds daily briefs and monthly reports, and who reads them. They have computed
// figures and no text of the user: texts are made when they are read.
var Briefs = &Table{
	Name:         "Briefs",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	Indexes:      []*Index{BriefReaders},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// The ids of the items: those of the readers, and what those of briefs and reports begin
// with.
const (
	BriefReaderID       = "reader"
	ReportReaderID      = "report-reader"
	DailyBriefPrefix    = "daily-"
	MonthlyReportPrefix = "monthly-"
)

// BriefReader is the item of a user who has asked for briefs or for reports, for whom the
// next ones are made ahead until it expires. A user who has asked for both has two items.
type BriefReader struct {
	UserID string `dynamodbav:"userId"`
	// ID is BriefReaderID or ReportReaderID.
	ID string `dynamodbav:"id"`
	// Zone is the name of the user's time zone, such as Europe/London, and for a reader of
	// reports "Europe/London reports".
	Zone string `dynamodbav:"readerZone"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}

// DailyBrief is the item of a brief: what was known when it was made. Amounts are
// positive. GeneratedAt and ViewedAt are in epoch milliseconds, ExpiresAt in seconds.
type DailyBrief struct {
	UserID string `dynamodbav:"userId"`
	// ID is DailyBriefPrefix and the day.
	ID  string `dynamodbav:"id"`
	Day string `dynamodbav:"day"`

	Spending BriefSpending `dynamodbav:"spending"`
	Budgets  BriefBudgets  `dynamodbav:"budgets"`
	Bills    BriefBills    `dynamodbav:"bills"`
	Goals    BriefGoals    `dynamodbav:"goals"`

	GeneratedAt int64 `dynamodbav:"generatedAt"`
	ViewedAt    int64 `dynamodbav:"viewedAt,omitempty"`
	ExpiresAt   int64 `dynamodbav:"expiresAt"`
}

// BriefSpending is what was spent up to a day, that day included.
type BriefSpending struct {
	Today money.Amount `dynamodbav:"today"`
	// Week is of seven days, and WeekBefore of the seven before them.
	Week       money.Amount `dynamodbav:"week"`
	WeekBefore money.Amount `dynamodbav:"weekBefore"`
	// Month is from the first of the month, and MonthBefore from the first of the month
	// before to the same day, or its last.
	Month       money.Amount `dynamodbav:"month"`
	MonthBefore money.Amount `dynamodbav:"monthBefore"`
}

// BriefBudgets counts budgets of the month.
type BriefBudgets struct {
	Total    int `dynamodbav:"total"`
	AtRisk   int `dynamodbav:"atRisk"`
	Exceeded int `dynamodbav:"exceeded"`
	// Concern is the id of the budget of which most is used, among those at risk or
	// exceeded. It is empty when there is none.
	Concern string `dynamodbav:"concern,omitempty"`
	// Used is in percent of Limit.
	Used  money.Amount `dynamodbav:"used"`
	Limit money.Amount `dynamodbav:"limit"`
	Spent money.Amount `dynamodbav:"spent"`
}

// BriefBills sums up the bills that are due within a week.
type BriefBills struct {
	Due    int          `dynamodbav:"due"`
	Amount money.Amount `dynamodbav:"amount"`
}

// BriefGoals counts goals that are neither paused nor reached.
type BriefGoals struct {
	Active int `dynamodbav:"active"`
	Behind int `dynamodbav:"behind"`
	// Needed is what the goals that are behind need a month.
	Needed money.Amount `dynamodbav:"needed"`
	// Saved is what was put into all goals in the month up to the day.
	Saved money.Amount `dynamodbav:"saved"`
}

// MonthlyReport is the item of a report on a month that is over. Amounts are positive,
// except for Saved.
type MonthlyReport struct {
	UserID string `dynamodbav:"userId"`
	// ID is MonthlyReportPrefix and the month.
	ID    string `dynamodbav:"id"`
	Month string `dynamodbav:"month"`

	Count    int          `dynamodbav:"count"`
	Income   money.Amount `dynamodbav:"income"`
	Expenses money.Amount `dynamodbav:"expenses"`
	// IncomeBefore and ExpensesBefore are those of the month before.
	IncomeBefore   money.Amount `dynamodbav:"incomeBefore"`
	ExpensesBefore money.Amount `dynamodbav:"expensesBefore"`
	// Categories are the categories with the most expenses, the largest first.
	Categories []ReportCategory `dynamodbav:"categories"`

	// Ahead is true until the user reads a report that was made ahead.
	Ahead       bool  `dynamodbav:"ahead,omitempty"`
	GeneratedAt int64 `dynamodbav:"generatedAt"`
	ExpiresAt   int64 `dynamodbav:"expiresAt"`
}

// ReportCategory is what was spent in a category, given as its canonical code.
type ReportCategory struct {
	Code   string       `dynamodbav:"code"`
	Amount money.Amount `dynamodbav:"amount"`
}
