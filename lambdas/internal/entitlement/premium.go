package entitlement

import (
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// CheckPremium returns an API error unless the plan has what is for premium users. feature
// begins the sentence about it, in the plural, such as "Comments on charts". The status is
// 422: the app keeps its text for a 429 for a day, also when the user has subscribed since.
func CheckPremium(plan tables.Plan, feature string) error {
	if plan == tables.Premium {
		return nil
	}
	return apierror.New(http.StatusUnprocessableEntity, "PREMIUM_REQUIRED", feature+" are part of the premium plan.")
}
