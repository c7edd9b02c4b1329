package credit

import (
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

// scoreResponse is a score. Change and PreviousScore compare it with the month before
// that has a score, and are null for the first.
type scoreResponse struct {
	Bureau        string        `json:"bureau"`
	Score         int           `json:"score"`
	Date          dates.Instant `json:"date"`
	MonthYear     string        `json:"monthYear"`
	Rating        string        `json:"rating"`
	Change        *int          `json:"change"`
	PreviousScore *int          `json:"previousScore"`
}

// bureauResponse has the scores of a bureau, the newest first.
type bureauResponse struct {
	Bureau      string                       `json:"bureau"`
	Scores      function.List[scoreResponse] `json:"scores"`
	LatestScore *scoreResponse               `json:"latestScore,omitempty"`
}

type scoresResponse struct {
	Bureaus function.List[bureauResponse] `json:"bureaus"`
}

type savedScoresResponse struct {
	Scores function.List[scoreResponse] `json:"scores"`
}

// latestScore is a scoreResponse that is empty without a score.
type latestScore struct {
	Bureau        string        `json:"bureau,omitempty"`
	Score         int           `json:"score,omitempty"`
	Date          dates.Instant `json:"date,omitempty"`
	MonthYear     string        `json:"monthYear,omitempty"`
	Rating        string        `json:"rating,omitempty"`
	Change        *int          `json:"change,omitempty"`
	PreviousScore *int          `json:"previousScore,omitempty"`
}

type latestScoreResponse struct {
	CreditScore latestScore `json:"creditScore"`
}

func bureausOf(histories []creditfigures.History) []bureauResponse {
	bureaus := make([]bureauResponse, len(histories))
	for i, history := range histories {
		bureaus[i] = bureauResponse{Bureau: string(history.Bureau)}
		for n := range history.Scores {
			bureaus[i].Scores = append(bureaus[i].Scores, scoreOf(history.Scores, n))
		}
		if len(bureaus[i].Scores) > 0 {
			bureaus[i].LatestScore = &bureaus[i].Scores[0]
		}
	}
	return bureaus
}

// scoreOf returns the n-th of the scores, which are sorted.
func scoreOf(scores []creditfigures.Score, n int) scoreResponse {
	one := scores[n]
	response := scoreResponse{
		Bureau: string(one.Bureau), Score: one.Value, MonthYear: one.Month,
		Date: dates.Instant(one.Month + "-01T00:00:00.000Z"), Rating: string(one.Bureau.Rating(one.Value)),
	}
	if n+1 < len(scores) {
		before := scores[n+1].Value
		change := one.Value - before
		response.Change, response.PreviousScore = &change, &before
	}
	return response
}

// savedOf returns the scores that a request named, as they are stored.
func savedOf(histories []creditfigures.History, named []creditfigures.Score) savedScoresResponse {
	wanted := map[creditfigures.Score]bool{}
	for _, score := range named {
		wanted[creditfigures.Score{Bureau: score.Bureau, Month: score.Month}] = true
	}
	var saved savedScoresResponse
	for _, history := range histories {
		for n, score := range history.Scores {
			if wanted[creditfigures.Score{Bureau: score.Bureau, Month: score.Month}] {
				saved.Scores = append(saved.Scores, scoreOf(history.Scores, n))
			}
		}
	}
	return saved
}
