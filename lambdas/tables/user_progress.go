package tables

// UserProgress holds one item for each user who has earned experience points. It is
// not Content: an erasure of the user's data does not delete the item, but puts
// one without points in its place, which knows ErasedAt.
var UserProgress = &Table{
	Name:         "UserProgress",
	PartitionKey: Attribute{Name: "userId", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
}

// Progress is an item of UserProgress. lambdas/internal/progress says what its
// numbers mean.
type Progress struct {
	UserID  string `dynamodbav:"userId"`
	Version string `dynamodbav:"version"`
	TotalXP int    `dynamodbav:"totalXP"`
	// Rewards are the times for which each action was rewarded, in epoch
	// milliseconds: those that still decide about a claim, and the last one.
	Rewards   map[string][]int64 `dynamodbav:"rewards"`
	DailyXP   int                `dynamodbav:"dailyXP"`
	WeeklyXP  int                `dynamodbav:"weeklyXP"`
	MonthlyXP int                `dynamodbav:"monthlyXP"`
	// LastResetDate is the day of the user, as YYYY-MM-DD, that the three are of.
	LastResetDate string `dynamodbav:"lastResetDate"`
	// ErasedAt is when the user erased their data, in epoch milliseconds: what was
	// done before earns nothing. Zero means never.
	ErasedAt int64 `dynamodbav:"erasedAt,omitempty"`
}
