package bills

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// Edit writes bills of devices and preferences.
var Edit = function.Define(function.Spec[*edit]{
	Name:    "bills-edit",
	Purpose: "Stores the bills that the caller's devices found, and what the caller chose about bills.",
	New: func(resources *function.Resources) (*edit, error) {
		return &edit{billstore.Open(resources)}, nil
	},
	Routes: []function.RouteOf[*edit]{
		function.SignedIn("POST /bills/detected", (*edit).SaveFound),
		function.SignedIn("DELETE /bills/detected/cache", (*edit).ClearFound),
		function.SignedIn("PUT /bills/preferences", (*edit).Command),
		function.SignedIn("POST /bills/preferences", (*edit).SavePreference),
		function.SignedIn("PUT /bills/preferences/{billId}", (*edit).UpdatePreference),
		function.SignedIn("DELETE /bills/preferences/{billId}", (*edit).DeletePreference),
		function.SignedIn("DELETE /bills/preferences/exclude/{merchantPattern}", (*edit).Include),
	},
	Permissions: billstore.EditPermissions,
})

type edit struct{ bills *billstore.Store }

type savedBillsResponse struct {
	Message string                      `json:"message"`
	Saved   int                         `json:"saved"`
	Bills   function.List[billResponse] `json:"bills"`
}

// SaveFound stores the bills that a device found. The same request again stores the same.
func (e *edit) SaveFound(ctx context.Context, caller function.Caller, in foundRequest) (savedBillsResponse, error) {
	today := e.bills.Today()
	all := make([]billstore.Found, len(in.Bills))
	for i, bill := range in.Bills {
		all[i] = bill.found(today)
	}
	saved, bills, err := e.bills.SaveFound(ctx, caller.UserID, today, all)
	if err != nil {
		return savedBillsResponse{}, err
	}
	return savedBillsResponse{"Your bills are saved.", saved, responsesOf(bills, e.bills.Now())}, nil
}

// ClearFound deletes the bills that devices found. Detected bills and preferences stay.
func (e *edit) ClearFound(ctx context.Context, caller function.Caller, _ function.NoInput) (function.SuccessResponse, error) {
	err := e.bills.ClearFound(ctx, caller.UserID)
	return function.SuccessResponse{Success: true, Message: "The bills of your devices are deleted."}, err
}

type commandResponse struct {
	Success    bool               `json:"success"`
	Message    string             `json:"message"`
	Preference preferenceResponse `json:"preference"`
}

// Command excludes a bill, marks it as paid, or turns its reminders on or off.
func (e *edit) Command(ctx context.Context, caller function.Caller, in commandRequest) (commandResponse, error) {
	change, err := in.edit()
	if err != nil {
		return commandResponse{}, err
	}
	choice, err := e.bills.Choose(ctx, caller.UserID, e.bills.Today(), in.BillID, change)
	if err != nil {
		return commandResponse{}, err
	}
	return commandResponse{true, "Your bill is saved.", preferenceOf(choice)}, nil
}

// SavePreference stores a whole preference.
func (e *edit) SavePreference(ctx context.Context, caller function.Caller, in preferenceRequest) (function.SuccessResponse, error) {
	_, err := e.bills.Choose(ctx, caller.UserID, e.bills.Today(), in.BillID, in.edit())
	return function.SuccessResponse{Success: true, Message: "Your bill is saved."}, err
}

// UpdatePreference changes the category or the status of a bill.
func (e *edit) UpdatePreference(ctx context.Context, caller function.Caller, in updatePreferenceRequest) (function.SuccessResponse, error) {
	change, err := in.edit()
	if err != nil {
		return function.SuccessResponse{}, err
	}
	_, err = e.bills.Choose(ctx, caller.UserID, e.bills.Today(), in.BillID, change)
	return function.SuccessResponse{Success: true, Message: "Your bill is saved."}, err
}

// DeletePreference deletes what the caller chose about a bill.
func (e *edit) DeletePreference(ctx context.Context, caller function.Caller, in billRequest) (function.SuccessResponse, error) {
	err := e.bills.Forget(ctx, caller.UserID, e.bills.Today(), in.BillID)
	return function.SuccessResponse{Success: true, Message: "Your preference is deleted."}, store.AsNotFound(err, errNoPreference)
}

// Include takes back the exclusions of a merchant.
func (e *edit) Include(ctx context.Context, caller function.Caller, in includeRequest) (function.SuccessResponse, error) {
	err := e.bills.Include(ctx, caller.UserID, e.bills.Today(), in.MerchantPattern)
	return function.SuccessResponse{Success: true, Message: "The merchant's bills are shown again."}, store.AsNotFound(err, errNoExclusion)
}
