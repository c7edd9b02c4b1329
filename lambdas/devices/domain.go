package devices

import (
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "devices",
	Stack:     function.StackAuth,
	Functions: []*function.Function{Register, List, Revoke, Mark},
}

var (
	errNoDevice = apierror.New(http.StatusNotFound, "DEVICE_NOT_FOUND", "There is no such device.")
	errTooMany  = apierror.New(http.StatusUnprocessableEntity, "DEVICE_LIMIT_REACHED", "You have as many trusted devices as there can be. Please remove one to use another.")
)

// maxTries is how often a change of a device is tried when another request changes the
// device meanwhile. A device registers after a sign-in, so such changes are seconds
// apart.
const maxTries = 5

// deviceRequest names a device of the caller in the path.
type deviceRequest struct {
	DeviceID string `path:"deviceId" json:"-" validate:"required,deviceid"`
}

// deviceResponse is the response to a change of a device.
type deviceResponse struct {
	function.SuccessResponse
	DeviceID string `json:"deviceId"`
}

func newDeviceResponse(deviceID, message string) deviceResponse {
	return deviceResponse{function.SuccessResponse{Success: true, Message: message}, deviceID}
}
