package profile

import (
	"context"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/chatretention"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Profile shows and edits the signed-in user's profile.
var Profile = function.Define(function.Spec[*profiles]{
	Name:    "profile",
	Purpose: "Reads and edits the caller's own profile.",
	New:     newProfiles,
	Routes: []function.RouteOf[*profiles]{
		function.SignedIn("GET /profile", (*profiles).Get),
		function.SignedIn("PUT /profile", (*profiles).Update),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{tables.Users.Allow(tables.GetItem, tables.UpdateItem)},
		Keys:   []function.KeyGrant{function.FieldKey.AllowFor(tables.Users, function.Decrypt)},
	}.And(chatretention.Permissions),
})

type profiles struct {
	accounts interface {
		// Both return accounts.ErrNotFound when the user has no account.
		Get(ctx context.Context, userID string) (*tables.User, error)
		Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error)
	}
	messages interface {
		// Forget deletes what was kept under a consent.
		Forget(ctx context.Context, userID string) error
	}
	now func() time.Time
}

func newProfiles(resources *function.Resources) (*profiles, error) {
	return &profiles{accounts: accounts.Open(resources), messages: chatretention.OpenMessages(resources), now: time.Now}, nil
}

// profile is the profile as the app reads it. The names and the e-mail address
// are always strings: the edit screen trims them unasked.
type profile struct {
	FirstName         string        `json:"firstName"`
	LastName          string        `json:"lastName"`
	Email             string        `json:"email"`
	Phone             string        `json:"phone"`
	PhoneNumber       string        `json:"phone_number"`
	Address           string        `json:"address"`
	City              string        `json:"city"`
	Postcode          string        `json:"postcode"`
	Country           string        `json:"country"`
	Birthdate         string        `json:"birthdate"`
	Gender            string        `json:"gender,omitempty"`
	Occupation        string        `json:"occupation"`
	Company           string        `json:"company"`
	PreferredCurrency string        `json:"preferredCurrency,omitempty"`
	SubscriptionTier  string        `json:"subscriptionTier"`
	CreatedAt         dates.Instant `json:"createdAt"`

	DataRetentionConsent *consentResponse `json:"dataRetentionConsent,omitempty"`
}

// consentResponse is the user's latest answer. A user who was never asked has none.
type consentResponse struct {
	Given       bool          `json:"given"`
	TextVersion string        `json:"textVersion"`
	At          dates.Instant `json:"at"`
}

// profileResponse wraps the profile, where the app looks for it.
type profileResponse struct {
	Profile profile `json:"profile"`
	Message string  `json:"message,omitempty"`
}

// Get returns the caller's profile.
func (p *profiles) Get(ctx context.Context, caller function.Caller, _ function.NoInput) (profileResponse, error) {
	a, err := p.accounts.Get(ctx, caller.UserID)
	if err != nil {
		return profileResponse{}, err
	}
	return profileResponse{Profile: profileOf(a)}, nil
}

// updateProfileRequest holds the fields to change. An absent field is left as it is and
// an empty field is cleared. The app also sends the e-mail address, which cannot
// be changed here and is dropped with every other unknown field.
type updateProfileRequest struct {
	FirstName         *string `json:"firstName" validate:"omitempty,user-given_name"`
	LastName          *string `json:"lastName" validate:"omitempty,user-family_name"`
	Phone             *string `json:"phone" validate:"omitempty,user-phone_number"`
	Address           *string `json:"address" validate:"omitempty,user-address"`
	City              *string `json:"city" validate:"omitempty,user-city"`
	Postcode          *string `json:"postcode" validate:"omitempty,user-postcode"`
	Country           *string `json:"country" validate:"omitempty,user-country"`
	Birthdate         *string `json:"birthdate" validate:"omitempty,user-birthdate"`
	Gender            *string `json:"gender" validate:"omitempty,user-gender"`
	Occupation        *string `json:"occupation" validate:"omitempty,user-occupation"`
	Company           *string `json:"company" validate:"omitempty,user-company"`
	PreferredCurrency *string `json:"preferredCurrency" validate:"omitempty,user-preferredCurrency"`

	DataRetentionConsent *consentRequest `json:"dataRetentionConsent"`
}

// consentRequest is the user's answer to a text, and which text it was.
type consentRequest struct {
	Given       *bool  `json:"given" validate:"required"`
	TextVersion string `json:"textVersion" validate:"required,max=20,plaintext"`
}

// apply notes the answer. A user who was not asked now keeps the earlier answer.
func (c *consentRequest) apply(a *tables.User, now time.Time) {
	if c != nil {
		a.DataRetentionConsent, a.DataRetentionTextVersion, a.DataRetentionConsentAt = *c.Given, c.TextVersion, now.UnixMilli()
	}
}

// withdraws reports whether the answer is no.
func (c *consentRequest) withdraws() bool { return c != nil && !*c.Given }

func (u *updateProfileRequest) apply(a *tables.User) {
	before := *a
	for _, field := range []struct {
		to   *string
		from *string
	}{
		{&a.GivenName, u.FirstName},
		{&a.FamilyName, u.LastName},
		{(*string)(&a.PhoneNumber), u.Phone},
		{(*string)(&a.Address), u.Address},
		{(*string)(&a.City), u.City},
		{(*string)(&a.Postcode), u.Postcode},
		{(*string)(&a.Country), u.Country},
		{(*string)(&a.Birthdate), u.Birthdate},
		{&a.Gender, u.Gender},
		{&a.Occupation, u.Occupation},
		{&a.Company, u.Company},
		{&a.PreferredCurrency, u.PreferredCurrency},
	} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	if u.FirstName != nil || u.LastName != nil {
		a.Name = strings.TrimSpace(a.GivenName + " " + a.FamilyName)
	}
	removeRepeatedArea(&before, a)
}

// Update changes the caller's profile. A withdrawn consent deletes what was kept under it.
// The withdrawal is stored first, so that nothing more is kept, and the app may repeat a
// request whose deletion failed.
func (p *profiles) Update(ctx context.Context, caller function.Caller, in updateProfileRequest) (profileResponse, error) {
	a, err := p.accounts.Change(ctx, caller.UserID, func(a *tables.User) {
		in.apply(a)
		in.DataRetentionConsent.apply(a, p.now())
	})
	if err != nil {
		return profileResponse{}, err
	}
	if in.DataRetentionConsent.withdraws() {
		if err := p.messages.Forget(ctx, caller.UserID); err != nil {
			return profileResponse{}, err
		}
	}
	return profileResponse{Profile: profileOf(a), Message: "Your profile is saved."}, nil
}

func consentOf(a *tables.User) *consentResponse {
	if a.DataRetentionConsentAt == 0 {
		return nil
	}
	return &consentResponse{Given: a.DataRetentionConsent, TextVersion: a.DataRetentionTextVersion, At: dates.Seconds(a.DataRetentionConsentAt)}
}

func profileOf(a *tables.User) profile {
	return profile{
		DataRetentionConsent: consentOf(a),

		FirstName:         a.GivenName,
		LastName:          a.FamilyName,
		Email:             string(a.Email),
		Phone:             string(a.PhoneNumber),
		PhoneNumber:       string(a.PhoneNumber),
		Address:           string(a.Address),
		City:              string(a.City),
		Postcode:          string(a.Postcode),
		Country:           string(a.Country),
		Birthdate:         string(a.Birthdate),
		Gender:            a.Gender,
		Occupation:        a.Occupation,
		Company:           a.Company,
		PreferredCurrency: a.PreferredCurrency,
		SubscriptionTier:  a.SubscriptionTier,
		CreatedAt:         dates.Seconds(a.CreatedAt),
	}
}
