package health

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "health",
	Stack:     function.StackAPI,
	Functions: []*function.Function{Health},
}

// Health has no permissions. A response shows that edge, API and Lambda work, whatever
// the state of the data.
var Health = function.Define(function.Spec[health]{
	Name:    "health",
	Purpose: "Says that the backend is alive, and answers requests that match no route.",
	New:     func(*function.Resources) (health, error) { return health{}, nil },
	Routes: []function.RouteOf[health]{
		// There are no limits, because counting needs a write and costs more than a
		// response. The share of the stage is small: monitors call a few times a minute,
		// and the app calls neither.
		function.Public("GET /health", health.Check, function.Unlimited(), function.StageShare(2)),
		function.Public(function.FallbackKey, health.NotFound, function.Unlimited(), function.StageShare(2)),
	},
})

type health struct{}

type healthResponse struct {
	Status string `json:"status"`
}

// Check returns that the backend is alive.
func (health) Check(context.Context, function.NoInput) (healthResponse, error) {
	return healthResponse{Status: "ok"}, nil
}

// NotFound returns the error for requests that match no route.
func (health) NotFound(context.Context, function.NoInput) (function.SuccessResponse, error) {
	return function.SuccessResponse{}, apierror.NotFound
}
