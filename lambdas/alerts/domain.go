package alerts

import (
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "alerts",
	Stack:     function.StackNotifications,
	Functions: []*function.Function{Alerts, Detect, Bills, Schedule},
}

var (
	errNoAlert    = apierror.New(http.StatusNotFound, "ALERT_NOT_FOUND", "There is no such alert.")
	errQuietHours = apierror.New(http.StatusUnprocessableEntity, "INVALID_QUIET_HOURS", "Quiet hours have a beginning and an end, each a time such as 22:00.")
)

const (
	// retention is how long an alert is kept: longer than its cause can be reported again.
	retention = 400 * 24 * time.Hour
	// shownFor is how long a pending alert is listed.
	shownFor = 30 * 24 * time.Hour
	// maxListed is how many alerts a list has.
	maxListed = 200
)
