package goals

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// goalResponse is a goal as the app reads it.
type goalResponse struct {
	UserID           string                   `json:"userId"`
	GoalID           string                   `json:"goalId"`
	Title            string                   `json:"title"`
	Description      string                   `json:"description"`
	Type             string                   `json:"type"`
	TargetAmount     money.Amount             `json:"targetAmount"`
	CurrentAmount    money.Amount             `json:"currentAmount"`
	TargetDate       dates.Instant            `json:"targetDate"`
	Priority         string                   `json:"priority"`
	Category         string                   `json:"category"`
	IsActive         bool                     `json:"isActive"`
	IsCompleted      bool                     `json:"isCompleted"`
	CreatedAt        dates.Instant            `json:"createdAt"`
	UpdatedAt        dates.Instant            `json:"updatedAt"`
	Milestones       function.List[milestone] `json:"milestones"` // the app needs the array, and makes none
	AutoSaveSettings *autoSave                `json:"autoSaveSettings,omitempty"`
}

// milestone is a part of a goal.
type milestone struct {
	Title        string       `json:"title"`
	TargetAmount money.Amount `json:"targetAmount"`
}

// autoSave is what the app saves by itself for a goal.
type autoSave struct {
	Enabled        bool         `json:"enabled"`
	Amount         money.Amount `json:"amount"`
	Frequency      string       `json:"frequency"`
	RoundUpEnabled bool         `json:"roundUpEnabled"`
}

func goalOf(g tables.Goal) goalResponse {
	return goalResponse{
		UserID: g.UserID, GoalID: g.GoalID, Title: string(g.Title), Description: string(g.Description), Category: string(g.Category),
		Type: g.Type, Priority: g.Priority, TargetAmount: g.TargetAmount, CurrentAmount: g.CurrentAmount, TargetDate: dates.Milliseconds(g.TargetDate),
		IsActive: !g.Paused, IsCompleted: completed(g), CreatedAt: dates.Milliseconds(g.CreatedAt), UpdatedAt: dates.Milliseconds(g.UpdatedAt),
		AutoSaveSettings: (*autoSave)(g.AutoSave),
	}
}

func completed(g tables.Goal) bool { return g.CurrentAmount.Cmp(g.TargetAmount) >= 0 }

// touch notes that a goal is written now, and whether it is reached by that.
func touch(g *tables.Goal, now time.Time) {
	g.UpdatedAt = now.UnixMilli()
	if completed(*g) {
		g.ReachedAt = cmp.Or(g.ReachedAt, g.UpdatedAt)
	}
}

var goalTypes = []string{"emergency_fund", "vacation", "debt_payoff", "major_purchase", "retirement", "custom"}

const defaultPriority = "medium"

// typeOf infers the type of a goal from its category: the screen sends the type there,
// with a space in place of the underscore, or any text.
func typeOf(category string) string {
	name := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(category)), " ", "_")
	if slices.Contains(goalTypes, name) {
		return name
	}
	return "custom"
}
