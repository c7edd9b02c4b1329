package entitlement

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
	fake "github.com/expenzez/infrastructure/test/fakes/revenuecat"
)

// subscribeTo gives the customer other entitlements.
func (w *world) subscribeTo(customer string, ids ...string) {
	c := fake.Customer{ID: customer}
	for _, id := range ids {
		c.Entitlements = append(c.Entitlements, fake.Entitlement{ID: id})
	}
	w.revenueCat.Put(c)
}

const grace = "5f1c2a9e-0000-4000-8000-000000000002"

func TestOf_PremiumUnderAnotherId_CountsWhenTheIdIsTheCallers(t *testing.T) {
	for name, tc := range map[string]struct {
		customer string
		aliases  []string
		caller   function.Caller
		want     tables.Plan
	}{
		"the user's id":                     {ada.UserID, nil, ada, tables.Premium},
		"the user's id as an alias":         {"$RCAnonymousID:1", []string{ada.UserID}, ada, tables.Premium},
		"the username":                      {ada.Username, nil, ada, tables.Premium},
		"the username as an alias":          {"$RCAnonymousID:1", []string{ada.Username}, ada, tables.Premium},
		"the username, and the user's id":   {ada.Username, []string{"$RCAnonymousID:1"}, ada, tables.Premium},
		"the username, an alias of another": {grace, []string{"$RCAnonymousID:1", ada.Username}, ada, tables.Free},
		"the username, and another's alias": {ada.Username, []string{"$RCAnonymousID:1", grace}, ada, tables.Free},
		"another user":                      {grace, nil, ada, tables.Free},
		"another user's id as the username": {grace, nil, function.Caller{UserID: ada.UserID, Username: grace}, tables.Free},
		"an anonymous id as the username":   {"$RCAnonymousID:1", nil, function.Caller{UserID: ada.UserID, Username: "$RCAnonymousID:1"}, tables.Free},
		"another's e-mail as the username":  {"grace@example.com", nil, function.Caller{UserID: ada.UserID, Username: "grace@example.com"}, tables.Free},
	} {
		w := newWorld(t)
		w.subscribe(tc.customer, month, tc.aliases...)
		if got, err := w.reader().Of(t.Context(), tc.caller); err != nil || got.Plan != tc.want || got.Stale {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestOf_FreeUnderTheIdAndPremiumUnderTheUsername_IsPremium(t *testing.T) {
	w := newWorld(t)
	w.cancel(ada.UserID)
	w.subscribe(ada.Username, month)
	if got := w.of(w.reader()); got.Plan != tables.Premium {
		t.Errorf("got %+v", got)
	}
}

func TestPlanOf_SeveralEntitlements_TheLatestEndCounts(t *testing.T) {
	w := newWorld(t)
	soon, late := w.now().Add(time.Hour).UnixMilli(), w.now().Add(month).UnixMilli()
	for name, tc := range map[string]struct {
		ends []*int64
		want int64
	}{
		"the later first":    {[]*int64{&late, &soon}, late},
		"the earlier first":  {[]*int64{&soon, &late}, late},
		"one without an end": {[]*int64{&soon, nil, &late}, 0},
	} {
		c := fake.Customer{ID: ada.UserID, Entitlements: []fake.Entitlement{{ID: "entlother"}}}
		for _, end := range tc.ends {
			c.Entitlements = append(c.Entitlements, fake.Entitlement{ID: premiumID, ExpiresAt: end})
		}
		w.revenueCat.Put(c)
		if got, err := w.reader().planOf(t.Context(), ada.UserID); err != nil || got.Plan != tables.Premium || got.ExpiresAt != tc.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestOpen_SettingWithoutAValue_IsAnError(t *testing.T) {
	f := function.Define(function.Spec[*Reader]{
		Name: "plan", New: Open, Permissions: Permissions,
		Routes: []function.RouteOf[*Reader]{},
	})
	for _, missing := range []function.Setting{function.RevenueCatProject, function.RevenueCatEntitlement} {
		env := function.NewResources(aws.Config{Region: "eu-west-2"}, func(name string) (string, bool) {
			if name == missing.Variable() {
				return "", false
			}
			return "value", true
		})
		if _, err := f.Bind(env); err == nil {
			t.Errorf("%s has no value and the function starts", missing)
		}
	}
}
