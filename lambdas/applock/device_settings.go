package applock

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// pinView is a device with a PIN. The app counts the views. A view does not name its
// device, because an attacker needs the device's id to guess its PIN.
type pinView struct {
	BiometricEnabled bool  `json:"biometricEnabled"`
	CreatedAt        int64 `json:"createdAt"`
	LastUpdated      int64 `json:"lastUpdated"`
}

type pinsResponse struct {
	Success bool                   `json:"success"`
	PINs    function.List[pinView] `json:"pins"`
}

// PINs returns one view for each device with a PIN.
func (p *preferences) PINs(ctx context.Context, caller function.Caller, _ function.NoInput) (pinsResponse, error) {
	found, err := p.settings.Of(ctx, caller.UserID)
	if err != nil {
		return pinsResponse{}, err
	}
	answer := pinsResponse{Success: true}
	for _, device := range found.devices {
		answer.PINs = append(answer.PINs, pinView{device.BiometricEnabled, device.CreatedAt, device.UpdatedAt})
	}
	return answer, nil
}

// deviceView are the settings of a device.
type deviceView struct {
	UserID   string `json:"userId"`
	DeviceID string `json:"deviceId"`
	pinView
}

type deviceResponse struct {
	Success  bool       `json:"success"`
	Settings deviceView `json:"settings"`
}

// Device returns the settings of a device, or errNoPIN.
func (p *preferences) Device(ctx context.Context, caller function.Caller, in deviceRequest) (deviceResponse, error) {
	found, err := p.settings.Of(ctx, caller.UserID)
	if err != nil {
		return deviceResponse{}, err
	}
	device, enrolled := found.device(in.DeviceID)
	if !enrolled {
		return deviceResponse{}, errNoPIN
	}
	view := deviceView{caller.UserID, in.DeviceID, pinView{device.BiometricEnabled, device.CreatedAt, device.UpdatedAt}}
	return deviceResponse{Success: true, Settings: view}, nil
}

// setBiometricRequest switches biometrics of a device on or off.
type setBiometricRequest struct {
	DeviceID         string `json:"deviceId" validate:"required,deviceid"`
	BiometricEnabled *bool  `json:"biometricEnabled" validate:"required"`
}

// SetBiometric switches biometrics of a device on or off, or returns errNoPIN.
func (p *preferences) SetBiometric(ctx context.Context, caller function.Caller, in setBiometricRequest) (function.SuccessResponse, error) {
	change := expression.
		Set(expression.Name("biometricEnabled"), expression.Value(*in.BiometricEnabled)).
		Set(expression.Name("updatedAt"), expression.Value(p.now().UnixMilli()))
	_, err := p.settings.items.Update(ctx, store.Key{caller.UserID, tables.PINID(in.DeviceID)}, change)
	if errors.Is(err, store.ErrNotFound) {
		return function.SuccessResponse{}, errNoPIN.Because(err)
	}
	if err != nil {
		return function.SuccessResponse{}, err
	}
	return function.SuccessResponse{Success: true, Message: "Your settings are saved."}, nil
}
