package bills

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
)

// List reads bills and preferences.
var List = function.Define(function.Spec[*list]{
	Name:    "bills-list",
	Purpose: "Lists the caller's bills, and what the caller chose about them.",
	New: func(resources *function.Resources) (*list, error) {
		return &list{billstore.Open(resources)}, nil
	},
	Routes: []function.RouteOf[*list]{
		function.SignedIn("GET /bills/detected", (*list).Bills),
		function.SignedIn("GET /bills/preferences", (*list).Preferences),
	},
	Permissions: billstore.ReadPermissions,
})

type list struct{ bills *billstore.Store }

type billsResponse struct {
	Bills function.List[billResponse] `json:"bills"`
	Count int                         `json:"count"`
}

// Bills returns the caller's bills, without those that the caller excluded.
func (l *list) Bills(ctx context.Context, caller function.Caller, _ function.NoInput) (billsResponse, error) {
	bills, err := l.bills.Read(ctx, caller.UserID, l.bills.Today())
	if err != nil {
		return billsResponse{}, err
	}
	response := billsResponse{Bills: responsesOf(bills, l.bills.Now())}
	response.Count = len(response.Bills)
	return response, nil
}

type preferencesResponse struct {
	Preferences function.List[preferenceResponse] `json:"preferences"`
	Count       int                               `json:"count"`
}

// Preferences returns what the caller chose, the oldest first.
func (l *list) Preferences(ctx context.Context, caller function.Caller, _ function.NoInput) (preferencesResponse, error) {
	bills, err := l.bills.Read(ctx, caller.UserID, l.bills.Today())
	if err != nil {
		return preferencesResponse{}, err
	}
	response := preferencesResponse{Count: len(bills.Choices)}
	for _, choice := range bills.Choices {
		response.Preferences = append(response.Preferences, preferenceOf(choice))
	}
	return response, nil
}
