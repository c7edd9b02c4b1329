package goals

import (
	"crypto/rand"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// goalRequest names a goal of the caller in the path.
type goalRequest struct {
	GoalID string `path:"id" json:"-" validate:"required,max=64"`
}

// userGoalRequest names a goal and its user, which must be the caller.
type userGoalRequest struct {
	UserID string `path:"userId" json:"-" validate:"required,max=64"`
	GoalID string `path:"goalId" json:"-" validate:"required,max=64"`
}

// newGoal is what both forms of a creation have. Description and category may be empty.
type newGoal struct {
	Title        string       `json:"title" validate:"required,max=100,plaintext"`
	Description  *string      `json:"description" validate:"required,max=500,plaintext"`
	Category     *string      `json:"category" validate:"required,max=50,plaintext"`
	TargetAmount money.Amount `json:"targetAmount" validate:"gt=0,lte=1000000000"`
	TargetDate   string       `json:"targetDate" validate:"required,instant"`
}

// createRequest is the form of the live screen, which sends neither type nor priority.
type createRequest struct {
	newGoal
	CurrentAmount *money.Amount `json:"currentAmount" validate:"required,gte=0,lte=1000000000"`
}

// createForUserRequest is the legacy form.
type createForUserRequest struct {
	newGoal
	UserID           string           `path:"id" json:"-" validate:"required,max=64"`
	Type             string           `json:"type" validate:"oneof=emergency_fund vacation debt_payoff major_purchase retirement custom"`
	Priority         string           `json:"priority" validate:"oneof=high medium low"`
	AutoSaveSettings *autoSaveRequest `json:"autoSaveSettings"`
}

// autoSaveRequest is what the app is to save by itself for a goal.
type autoSaveRequest struct {
	Enabled        *bool         `json:"enabled" validate:"required"`
	Amount         *money.Amount `json:"amount" validate:"required,gte=0,lte=1000000000"`
	Frequency      string        `json:"frequency" validate:"oneof=weekly monthly per_transaction"`
	RoundUpEnabled bool          `json:"roundUpEnabled"`
}

func (a *autoSaveRequest) item() *tables.GoalAutoSave {
	if a == nil {
		return nil
	}
	return &tables.GoalAutoSave{Enabled: *a.Enabled, Amount: *a.Amount, Frequency: a.Frequency, RoundUpEnabled: a.RoundUpEnabled}
}

// goal returns the new goal of a user, with nothing saved.
func (n newGoal) goal(userID string, now time.Time) tables.Goal {
	date, _ := dates.ParseInstant(n.TargetDate) // the rules have seen it
	return tables.Goal{
		UserID: userID, GoalID: store.TimeOrderedID(now, rand.Text()),
		Title: tables.EncryptedString(n.Title), Description: tables.EncryptedString(*n.Description), Category: tables.EncryptedString(*n.Category),
		Type: typeOf(*n.Category), Priority: defaultPriority, TargetAmount: n.TargetAmount, TargetDate: date.UnixMilli(),
		CreatedAt: now.UnixMilli(), UpdatedAt: now.UnixMilli(),
	}
}

// goalChange has the fields to change; an absent one is left as it is. The app sends
// fields of one of three forms: edit, contribute (currentAmount is the new total), and
// pause or resume (isActive).
type goalChange struct {
	Title            *string          `json:"title" validate:"omitempty,min=1,max=100,plaintext"`
	Description      *string          `json:"description" validate:"omitempty,max=500,plaintext"`
	Category         *string          `json:"category" validate:"omitempty,max=50,plaintext"`
	TargetAmount     *money.Amount    `json:"targetAmount" validate:"omitempty,gt=0,lte=1000000000"`
	CurrentAmount    *money.Amount    `json:"currentAmount" validate:"omitempty,gte=0,lte=1000000000"`
	TargetDate       *string          `json:"targetDate" validate:"omitempty,instant"`
	IsActive         *bool            `json:"isActive"`
	Type             *string          `json:"type" validate:"omitempty,oneof=emergency_fund vacation debt_payoff major_purchase retirement custom"`
	Priority         *string          `json:"priority" validate:"omitempty,oneof=high medium low"`
	AutoSaveSettings *autoSaveRequest `json:"autoSaveSettings"`
}

type updateRequest struct {
	goalRequest
	goalChange
}

type updateForUserRequest struct {
	userGoalRequest
	goalChange
}

// apply changes the goal. Another category gives it another type, unless the request
// has a type too. The difference to another total is a contribution.
func (c goalChange) apply(g *tables.Goal, now time.Time) {
	if c.CurrentAmount != nil {
		addContribution(g, "", c.CurrentAmount.Sub(g.CurrentAmount), now)
	}
	if c.Category != nil && *c.Category != string(g.Category) {
		g.Type = typeOf(*c.Category)
	}
	set((*string)(&g.Title), c.Title)
	set((*string)(&g.Description), c.Description)
	set((*string)(&g.Category), c.Category)
	set(&g.TargetAmount, c.TargetAmount)
	set(&g.Type, c.Type)
	set(&g.Priority, c.Priority)
	if c.TargetDate != nil {
		date, _ := dates.ParseInstant(*c.TargetDate) // the rules have seen it
		g.TargetDate = date.UnixMilli()
	}
	if c.IsActive != nil {
		g.Paused = !*c.IsActive
	}
	if c.AutoSaveSettings != nil {
		g.AutoSave = c.AutoSaveSettings.item()
	}
}

// set stores a value that a request has.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// contributionRequest is a contribution. The same source and timestamp are the same
// contribution.
type contributionRequest struct {
	userGoalRequest
	Amount    money.Amount `json:"amount" validate:"gt=0,lte=1000000000"`
	Source    string       `json:"source" validate:"required,max=100,plaintext"`
	Timestamp string       `json:"timestamp" validate:"required,instant"`
}
