package progress

import "time"

// counterKind is where an action's points are counted beside the total.
type counterKind int

const (
	daily counterKind = iota
	weekly
	monthly
)

// rule says what an action earns.
type rule struct {
	action string
	xp     int
	counterKind
	// again is how long after a reward the next one can be. Zero means never.
	again time.Duration
}

// rules are in the order in which a claim's actions are rewarded, which matters
// when the last points of a day are given away.
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
	// maxDaily is the most XP of a day's daily actions.
	maxDaily = 100
	// oldest is how old a claimed time may be.
	oldest = 7 * 24 * time.Hour
	// ahead is how far a device's clock may be ahead.
	ahead = 5 * time.Minute
)

// Level is the level at which a user has so many XP.
func Level(totalXP int) int { return totalXP/perLevel + 1 }
