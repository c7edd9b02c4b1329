package creditfigures

import (
	"crypto/rand"
	"errors"
	"maps"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// MaxMonths is how many months a user can have with one bureau: twenty years.
const MaxMonths = 240

// ErrTooManyMonths is returned for scores with which a bureau would have more than
// MaxMonths.
var ErrTooManyMonths = errors.New("a bureau has too many months")

// Score is a bureau's score of a month.
type Score struct {
	Bureau Bureau
	// Month is the calendar month, YYYY-MM.
	Month string
	Value int
}

// History has the scores of a bureau, the newest first.
type History struct {
	Bureau Bureau
	Scores []Score
}

// NewScores returns the item of a user without scores, to be stored for the first time.
func NewScores(userID string) *tables.CreditScores {
	return &tables.CreditScores{UserID: userID, ID: tables.CreditScoresID, Bureaus: map[string]map[string]int{}}
}

// ErasedScores returns what stands in place of the scores that a user erased. A user
// without any item is one whose app has not sent its scores yet: it sends them again.
func ErasedScores(userID string) tables.CreditScores {
	erased := NewScores(userID)
	erased.Version = rand.Text()
	return *erased
}

// SaveScores puts scores into the item, each in place of any other of its bureau and
// month. It returns ErrTooManyMonths.
func SaveScores(item *tables.CreditScores, scores []Score) error {
	for _, score := range scores {
		months := item.Bureaus[string(score.Bureau)]
		if months == nil {
			months = map[string]int{}
			item.Bureaus[string(score.Bureau)] = months
		}
		if months[score.Month] = score.Value; len(months) > MaxMonths {
			return ErrTooManyMonths
		}
	}
	return nil
}

// Histories returns the history of each bureau, in the order of Bureaus.
func Histories(item *tables.CreditScores) []History { return histories(item.Bureaus) }

func histories(stored map[string]map[string]int) []History {
	all := make([]History, 0, len(Bureaus()))
	for _, bureau := range Bureaus() {
		history := History{Bureau: bureau}
		months := stored[string(bureau)]
		for _, month := range slices.Backward(slices.Sorted(maps.Keys(months))) {
			history.Scores = append(history.Scores, Score{bureau, month, months[month]})
		}
		all = append(all, history)
	}
	return all
}
