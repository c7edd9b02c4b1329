package profile

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/progress"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Progress keeps users' experience points.
var Progress = function.Define(function.Spec[*progresses]{
	Name:    "profile-progress",
	Purpose: "Reads the caller's experience points, and adds what their app has earned.",
	New: func(resources *function.Resources) (*progresses, error) {
		return &progresses{items: store.Open[tables.Progress](resources, tables.UserProgress), now: time.Now}, nil
	},
	Routes: []function.RouteOf[*progresses]{
		function.SignedIn("GET /profile/progress", (*progresses).Get),
		function.SignedIn("PUT /profile/progress", (*progresses).Save),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{tables.UserProgress.Allow(tables.GetItem, tables.PutItem)},
	},
})

type progresses struct {
	items *store.Table[tables.Progress]
	now   func() time.Time
}

// userProgress is the progress as the app keeps it.
type userProgress struct {
	TotalXP       int                         `json:"totalXP"`
	Level         int                         `json:"level"`
	LastActions   function.Map[dates.Instant] `json:"lastActions"`
	DailyXP       int                         `json:"dailyXP"`
	WeeklyXP      int                         `json:"weeklyXP"`
	MonthlyXP     int                         `json:"monthlyXP"`
	LastResetDate dates.Day                   `json:"lastResetDate"`
}

type progressResponse struct {
	UserProgress userProgress `json:"userProgress"`
	Message      string       `json:"message,omitempty"`
}

// Get returns the caller's progress. A caller without an item has earned nothing yet.
func (p *progresses) Get(ctx context.Context, caller function.Caller, _ function.NoInput) (progressResponse, error) {
	stored, err := p.items.Get(ctx, store.Key{caller.UserID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		stored, err = progress.New(caller.UserID, p.now()), nil
	}
	if err != nil {
		return progressResponse{}, err
	}
	return progressResponse{UserProgress: progressOf(stored)}, nil
}

// saveProgressRequest is the part of the app's state that is read. The app also sends its
// numbers, which are ignored. The app has eleven actions; the limits leave room.
type saveProgressRequest struct {
	LastActions   map[string]string `json:"lastActions" validate:"required,max=64,dive,keys,max=64,endkeys,instant"`
	LastResetDate string            `json:"lastResetDate" validate:"required,day"`
}

func (c saveProgressRequest) claim() progress.Claim {
	claim := progress.Claim{LastActions: make(map[string]time.Time, len(c.LastActions)), Day: c.LastResetDate}
	for action, at := range c.LastActions {
		claim.LastActions[action], _ = dates.ParseInstant(at) // validation checked the format
	}
	return claim
}

// Save credits the actions that the app claims and returns the caller's new progress.
// Two devices that save at the same time both get their credit.
func (p *progresses) Save(ctx context.Context, caller function.Caller, in saveProgressRequest) (progressResponse, error) {
	claim := in.claim()
	credit := func(stored *tables.Progress) error {
		progress.Credit(stored, claim, p.now())
		return nil
	}
	fresh := func() *tables.Progress { return progress.New(caller.UserID, p.now()) }
	stored, err := p.items.ModifyOrCreate(ctx, store.Key{caller.UserID}, fresh, credit)
	if err != nil {
		return progressResponse{}, err
	}
	return progressResponse{UserProgress: progressOf(stored), Message: "Your progress is saved."}, nil
}

func progressOf(p *tables.Progress) userProgress {
	shown := userProgress{
		TotalXP: p.TotalXP, Level: progress.Level(p.TotalXP), LastActions: make(map[string]dates.Instant, len(p.Rewards)),
		DailyXP: p.DailyXP, WeeklyXP: p.WeeklyXP, MonthlyXP: p.MonthlyXP, LastResetDate: dates.Day(p.LastResetDate),
	}
	for action, times := range p.Rewards {
		shown.LastActions[action] = dates.Milliseconds(slices.Max(times))
	}
	return shown
}
