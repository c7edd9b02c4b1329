package progress

import "time"

// counterKind is the counter of an action beside the total.
type counterKind int

const (
	daily counterKind = iota
	weekly
	monthly
)

// rule has the reward of an action.
type rule struct {
	action string
	xp     int
	counterKind
	// again is the cool-down after a reward. Zero means that the action is rewarded
	// once.
	again time.Duration
}

// rules are in the order in which a claim's actions are rewarded. The order matters
// when a claim exceeds the daily limit.
var rules = []rule{
	{"add-expense", 5, daily, 5 * time.Minute},
	{"add-income", 5, daily, 5 * time.Minute},
	{"check-progress", 3, daily, time.Hour},
	{"week-streak", 25, weekly, 6 * 24 * time.Hour},
	{"budget-review", 20, weekly, 6 * 24 * time.Hour},
	{"transaction-10", 20, monthly, 0},
	{"transaction-25", 50, monthly, 0},
	{"transaction-100", 100, monthly, 0},
	{"transaction-250", 200, monthly, 0},
	{"transaction-500", 300, monthly, 0},
	{"master-saver", 300, monthly, 0},
}

const (
	perLevel = 100
	// maxDaily is the maximum XP of daily actions in a day.
	maxDaily = 100
	// oldest is the maximum age of a claimed time.
	oldest = 7 * 24 * time.Hour
	// ahead is how far a device's clock may be ahead.
	ahead = 5 * time.Minute
)

// Level returns the level of a user with so many XP.
func Level(totalXP int) int { return totalXP/perLevel + 1 }
