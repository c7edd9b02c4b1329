package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Register creates accounts.
var Register = function.Define(function.Spec[*register]{
	Name:     "auth-register",
	Purpose:  "Creates an account and sends a confirmation code.",
	MemoryMB: waitingMB,
	New:      newRegister,
	Routes: []function.RouteOf[*register]{
		disclosingRoute("POST /auth/register", (*register).Register, registerRequest.taken, function.Spends(function.Registrations, function.Emails)),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.PutItem),
			tables.UserEmails.Allow(tables.PutItem, tables.UpdateItem, tables.DeleteItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys: []function.KeyGrant{
			function.FieldKey.AllowFor(tables.Users, function.GenerateDataKey),
			function.LookupKey.Allow(function.GenerateMac),
		},
		UserPoolClient: true,
	},
})

type register struct {
	pool interface {
		SignUp(ctx context.Context, username, password, email string) (string, error)
	}
	store  registrationStore
	events securityevents.EventRecorder
	now    func() time.Time
}

// registrationStore stores registrations: it claims an address, and then completes the
// account under the claim or releases the claim.
type registrationStore interface {
	// Claim returns accounts.ErrEmailTaken when the address is not free.
	Claim(ctx context.Context, email, username string) (accounts.EmailClaim, error)
	Release(ctx context.Context, claim accounts.EmailClaim) error
	Complete(ctx context.Context, claim accounts.EmailClaim, user tables.User) error
}

func newRegister(resources *function.Resources) (*register, error) {
	return &register{
		pool:   userpool.OpenClient(resources),
		store:  accounts.OpenRegistrations(resources),
		events: securityevents.Open(resources),
		now:    time.Now,
	}, nil
}

// registerRequest is the form of the sign-up wizard.
type registerRequest struct {
	Username         string `json:"username" validate:"required,user-username"`
	Name             string `json:"name" validate:"required,user-name"`
	GivenName        string `json:"given_name" validate:"required,user-given_name"`
	FamilyName       string `json:"family_name" validate:"required,user-family_name"`
	Email            string `json:"email" validate:"required,user-email"`
	Password         string `json:"password" validate:"required,min=8,max=256"`
	PhoneNumber      string `json:"phone_number" validate:"omitempty,e164,user-phone_number"`
	Birthdate        string `json:"birthdate" validate:"user-birthdate"`
	Address          string `json:"address" validate:"user-address"`
	Gender           string `json:"gender" validate:"user-gender"`
	MarketingConsent *bool  `json:"marketing_consent" validate:"required"`
}

// taken returns the address or the username that the response says is taken.
func (r registerRequest) taken(_ registerResponse, err error) string {
	switch {
	case errors.Is(err, errEmailExists):
		return r.Email
	case errors.Is(err, userpool.ErrUsernameTaken):
		return r.Username
	}
	return ""
}

func (r *register) recorder() securityevents.EventRecorder { return r.events }

// registerResponse is the response. The app takes the id as the sign of success.
type registerResponse struct {
	CognitoUserSub string `json:"cognitoUserSub"`
	Message        string `json:"message"`
}

var errEmailExists = apierror.New(http.StatusConflict, "EmailExistsException", "An account with this e-mail address already exists.")

// Register claims the e-mail address, creates the user in Cognito, and stores
// the account together with the claim's completion.
func (r *register) Register(ctx context.Context, in registerRequest) (registerResponse, error) {
	claim, err := r.store.Claim(ctx, in.Email, in.Username)
	if errors.Is(err, accounts.ErrEmailTaken) {
		return registerResponse{}, errEmailExists.Because(err)
	}
	if err != nil {
		return registerResponse{}, err
	}
	userID, err := r.pool.SignUp(ctx, in.Username, in.Password, in.Email)
	if err != nil {
		return registerResponse{}, errors.Join(err, r.store.Release(ctx, claim))
	}
	now := r.now().UnixMilli()
	err = r.store.Complete(ctx, claim, tables.User{
		UserID:           userID,
		Username:         in.Username,
		Email:            tables.EncryptedString(in.Email),
		PhoneNumber:      tables.EncryptedString(in.PhoneNumber),
		Birthdate:        tables.EncryptedString(in.Birthdate),
		Address:          tables.EncryptedString(in.Address),
		Name:             in.Name,
		GivenName:        in.GivenName,
		FamilyName:       in.FamilyName,
		Gender:           in.Gender,
		MarketingConsent: *in.MarketingConsent,
		SubscriptionTier: "free",
		CreatedAt:        now,
		UpdatedAt:        now,
	})
	if err != nil {
		return registerResponse{}, err
	}
	if err := r.events.Record(ctx, securityevents.Event{Kind: securityevents.Registered, UserID: userID}); err != nil {
		return registerResponse{}, err
	}
	return registerResponse{CognitoUserSub: userID, Message: "User registered successfully!"}, nil
}
