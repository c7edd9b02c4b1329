package transactions

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/contract"
)

var (
	caller  = function.Caller{UserID: "user-1", Username: "ada"}
	errDown = errors.New("down")
)

// fakePlans are the plans of users, by user id. An unknown user is an error.
type fakePlans map[string]tables.Plan

func (f fakePlans) Of(_ context.Context, caller function.Caller) (entitlement.Entitlement, error) {
	plan, known := f[caller.UserID]
	if !known {
		return entitlement.Entitlement{}, errDown
	}
	return entitlement.Entitlement{Plan: plan}, nil
}

// fakeUses is what the user of an id has used of the imports.
type fakeUses map[string]int

func (f fakeUses) Usage(_ context.Context, user quota.User) (quota.Usage, error) {
	used, known := f[user.ID]
	if !known {
		return quota.Usage{}, errDown
	}
	limit := Imports.Limits.Free
	if user.Plan == tables.Premium {
		limit = Imports.Limits.Premium
	}
	return quota.Usage{
		Period: "2026-11", Used: used, Limit: limit, Remaining: max(0, limit-used), ResetsAt: time.Unix(1_796_083_200, 0),
	}, nil
}

func TestImportUsage_Get_IsWhatTheAppReads(t *testing.T) {
	document, err := contract.Load("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		plan tables.Plan
		used int
		want string
	}{
		"free, unused":           {tables.Free, 0, `{"tier":"FREE","period":"2026-11","used":0,"limit":4,"remaining":4,"allowed":true,"freeLimit":4,"premiumLimit":15,"resetsAt":"2026-12-01T00:00:00Z"}`},
		"premium":                {tables.Premium, 5, `{"tier":"PREMIUM","period":"2026-11","used":5,"limit":15,"remaining":10,"allowed":true,"freeLimit":4,"premiumLimit":15,"resetsAt":"2026-12-01T00:00:00Z"}`},
		"premium that has ended": {tables.Free, 5, `{"tier":"FREE","period":"2026-11","used":5,"limit":4,"remaining":0,"allowed":false,"freeLimit":4,"premiumLimit":15,"resetsAt":"2026-12-01T00:00:00Z"}`},
	} {
		u := &importUsage{fakePlans{caller.UserID: tc.plan}, fakeUses{caller.UserID: tc.used}}
		got, err := u.Get(t.Context(), caller, function.NoInput{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(got)
		if err != nil || string(text) != tc.want {
			t.Errorf("%s: got %s, %v", name, text, err)
		}
		header := http.Header{"Content-Type": {"application/json"}}
		if err := document.CheckResponse(t.Context(), "GET", "/transactions/import-usage", http.StatusOK, header, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImportUsage_PlanOrQuotaIsUnreadable_IsAnError(t *testing.T) {
	for name, u := range map[string]*importUsage{
		"no plan":  {fakePlans{}, fakeUses{caller.UserID: 1}},
		"no quota": {fakePlans{caller.UserID: tables.Free}, fakeUses{}},
	} {
		if got, err := u.Get(t.Context(), caller, function.NoInput{}); !errors.Is(err, errDown) || got != (importUsageResponse{}) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}
