package tables

// UserProgress holds one item for each user who has earned experience points.
var UserProgress = &Table{
	Name:         "UserProgress",
	PartitionKey: Attribute{Name: "userId", Type: String},
	Class:        Personal,
	Erasure:      ErasedByUser,
	Content:      true,
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
}
