package auth

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// account is a user's account in clear, as use cases see it. It exists in
// memory only; tables.User is what is stored.
type account struct {
	ID       string
	Username string

	Email       string
	PhoneNumber string
	Birthdate   string
	Address     string
	City        string
	Postcode    string
	Country     string

	Name              string
	GivenName         string
	FamilyName        string
	Gender            string
	Occupation        string
	Company           string
	PreferredCurrency string
	MarketingConsent  bool
	SubscriptionTier  string
	CreatedAt         time.Time
}

// personalField pairs a field in clear with its sealed form; name is the
// attribute's name in DynamoDB and what the ciphertext is bound to.
type personalField struct {
	name   string
	clear  *string
	sealed *tables.Sealed
}

func personalFields(a *account, u *tables.User) []personalField {
	return []personalField{
		{"email", &a.Email, &u.Email},
		{"phone_number", &a.PhoneNumber, &u.PhoneNumber},
		{"birthdate", &a.Birthdate, &u.Birthdate},
		{"address", &a.Address, &u.Address},
		{"city", &a.City, &u.City},
		{"postcode", &a.Postcode, &u.Postcode},
		{"country", &a.Country, &u.Country},
	}
}

// seal returns the account as it is stored.
func (a *account) seal(key *fieldcrypt.DataKey) tables.User {
	user := tables.User{
		UserID:            a.ID,
		Username:          a.Username,
		DataKey:           key.Wrapped,
		Name:              a.Name,
		GivenName:         a.GivenName,
		FamilyName:        a.FamilyName,
		Gender:            a.Gender,
		Occupation:        a.Occupation,
		Company:           a.Company,
		PreferredCurrency: a.PreferredCurrency,
		MarketingConsent:  a.MarketingConsent,
		SubscriptionTier:  a.SubscriptionTier,
		CreatedAt:         a.CreatedAt.UnixMilli(),
		UpdatedAt:         a.CreatedAt.UnixMilli(),
	}
	for _, field := range personalFields(a, &user) {
		*field.sealed = key.Seal(field.name, *field.clear)
	}
	return user
}

// open returns the stored account in clear, or fieldcrypt.ErrCannotOpen.
func open(user *tables.User, key *fieldcrypt.DataKey) (*account, error) {
	a := &account{
		ID:                user.UserID,
		Username:          user.Username,
		Name:              user.Name,
		GivenName:         user.GivenName,
		FamilyName:        user.FamilyName,
		Gender:            user.Gender,
		Occupation:        user.Occupation,
		Company:           user.Company,
		PreferredCurrency: user.PreferredCurrency,
		MarketingConsent:  user.MarketingConsent,
		SubscriptionTier:  user.SubscriptionTier,
		CreatedAt:         time.UnixMilli(user.CreatedAt).UTC(),
	}
	for _, field := range personalFields(a, user) {
		text, err := key.Open(field.name, *field.sealed)
		if err != nil {
			return nil, err
		}
		*field.clear = text
	}
	return a, nil
}
