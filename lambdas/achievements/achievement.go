package achievements

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// achievementResponse is an achievement as the app reads it. It has no text of the user.
type achievementResponse struct {
	UserID        string               `json:"userId"`
	AchievementID string               `json:"achievementId"`
	Title         string               `json:"title"`
	Description   string               `json:"description"`
	Type          string               `json:"type"`
	Difficulty    string               `json:"difficulty"`
	PointsReward  int                  `json:"pointsReward"`
	EarnedAt      dates.Instant        `json:"earnedAt"`
	GoalID        string               `json:"goalId,omitempty"`
	Metadata      *achievementMetadata `json:"metadata,omitempty"`

	at int64
}

type achievementMetadata struct {
	Amount money.Amount `json:"amount"`
}

// points are what an achievement of each difficulty is worth.
var points = map[string]int{"bronze": 10, "silver": 25, "gold": 50, "platinum": 100}

const (
	// pointsPerLevel is how many points lead from a level to the next. The first level
	// is 1.
	pointsPerLevel = 100
	// newFor is how long an achievement is a new one.
	newFor = 7 * 24 * time.Hour
)

func newAchievement(userID, id, kind, difficulty string, at int64, title, description string) achievementResponse {
	return achievementResponse{
		UserID: userID, AchievementID: id, Title: title, Description: description, Type: kind, Difficulty: difficulty,
		PointsReward: points[difficulty], EarnedAt: dates.Milliseconds(at), at: at,
	}
}

// transactionTitles are what the achievements for numbers of transactions say, by id.
var transactionTitles = map[string]struct{ title, description, difficulty string }{
	tables.TransactionAchievementID(1):    {"First transaction", "You entered or imported your first transaction.", "bronze"},
	tables.TransactionAchievementID(100):  {"100 transactions", "You have entered or imported 100 transactions.", "silver"},
	tables.TransactionAchievementID(1000): {"1,000 transactions", "You have entered or imported 1,000 transactions.", "gold"},
}

// recorded returns the achievements among stored items. An id that this release does not
// know, of a later one, is left out.
func recorded(stored []storedAchievement) (found []achievementResponse) {
	for _, item := range stored {
		if item.GoalID != "" {
			one := newAchievement(item.UserID, item.ID, item.Type, "silver", item.EarnedAt, "Goal reached",
				fmt.Sprintf("You saved %s for a goal.", item.Amount.Pounds()))
			one.GoalID, one.Metadata = item.GoalID, &achievementMetadata{item.Amount}
			found = append(found, one)
		}
		if about, known := transactionTitles[item.ID]; known {
			found = append(found, newAchievement(item.UserID, item.ID, item.Type, about.difficulty, item.EarnedAt, about.title, about.description))
		}
	}
	return found
}

// inOrder returns achievements with the newest first.
func inOrder(all []achievementResponse) []achievementResponse {
	slices.SortFunc(all, func(a, b achievementResponse) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.AchievementID, b.AchievementID))
	})
	return all
}

func newSince(earned []achievementResponse, moment time.Time) (found []achievementResponse) {
	for _, one := range earned {
		if one.at >= moment.UnixMilli() {
			found = append(found, one)
		}
	}
	return found
}

type progressResponse struct {
	Level             int `json:"level"`
	TotalPoints       int `json:"totalPoints"`
	PointsToNextLevel int `json:"pointsToNextLevel"`
	AchievementCount  int `json:"achievementCount"`
}

func progressOf(earned []achievementResponse) progressResponse {
	found := progressResponse{AchievementCount: len(earned), TotalPoints: pointsOf(earned)}
	found.Level = 1 + found.TotalPoints/pointsPerLevel
	found.PointsToNextLevel = pointsPerLevel - found.TotalPoints%pointsPerLevel
	return found
}

func (p progressResponse) message() string {
	return fmt.Sprintf("%d points to level %d.", p.PointsToNextLevel, p.Level+1)
}

func pointsOf(earned []achievementResponse) (sum int) {
	for _, one := range earned {
		sum += one.PointsReward
	}
	return sum
}

// celebration is about the new achievements.
type celebration struct {
	Title        string `json:"title"`
	Message      string `json:"message"`
	PointsEarned int    `json:"pointsEarned"`
}

// celebrate returns the celebration of new achievements, nil for none.
func celebrate(earned function.List[achievementResponse]) *celebration {
	if len(earned) == 0 {
		return nil
	}
	return &celebration{earned[0].Title, earned[0].Description, pointsOf(earned)}
}
