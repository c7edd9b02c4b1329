package tables

import (
	"math"
	"reflect"
	"strings"
)

// Users holds one item for each account.
var Users = &Table{
	Name:         "Users",
	PartitionKey: Attribute{Name: "userId", Type: String},
	Class:        Personal,
	Erasure:      EraseExplicitly,
}

// User is an item of Users. Times are in epoch milliseconds. The EncryptedString fields
// are stored under the user's data key, which is stored beside them in wrapped
// form, so deleting the item shreds them.
//
// The rule tag says what a text may be unless it is empty, in the rules of package
// validation. Package accounts holds every write to it, whatever request the text
// came with. The rule "-" is for what the backend makes itself.
type User struct {
	// UserID is the subject (sub) of the user's tokens, given by Cognito.
	UserID   string `dynamodbav:"userId" rule:"-"`
	Username string `dynamodbav:"username" rule:"username"`

	// DataKey is the user's data key, wrapped by the stage's field key.
	DataKey []byte `dynamodbav:"dataKey"`

	Email       EncryptedString `dynamodbav:"email" rule:"max=254,email"`
	PhoneNumber EncryptedString `dynamodbav:"phone_number,omitempty" rule:"phone"`
	Birthdate   EncryptedString `dynamodbav:"birthdate,omitempty" rule:"birthdate,adult"`
	Address     EncryptedString `dynamodbav:"address,omitempty" rule:"max=500,plaintext"`
	City        EncryptedString `dynamodbav:"city,omitempty" rule:"max=100,plaintext"`
	Postcode    EncryptedString `dynamodbav:"postcode,omitempty" rule:"max=20,plaintext"`
	Country     EncryptedString `dynamodbav:"country,omitempty" rule:"max=100,plaintext"`

	EmailVerified     bool   `dynamodbav:"emailVerified"`
	Name              string `dynamodbav:"name" rule:"max=201,plaintext"` // both names and a space
	GivenName         string `dynamodbav:"given_name" rule:"max=100,plaintext"`
	FamilyName        string `dynamodbav:"family_name" rule:"max=100,plaintext"`
	Gender            string `dynamodbav:"gender,omitempty" rule:"oneof=male female other"`
	Occupation        string `dynamodbav:"occupation,omitempty" rule:"max=100,plaintext"`
	Company           string `dynamodbav:"company,omitempty" rule:"max=100,plaintext"`
	PreferredCurrency string `dynamodbav:"preferredCurrency,omitempty" rule:"iso4217"`
	MarketingConsent  bool   `dynamodbav:"marketingConsent"`
	SubscriptionTier  string `dynamodbav:"subscriptionTier" rule:"-"`

	// DataRetentionConsent says that messages of the chat may be kept longer
	// (lambdas/internal/chatretention). DataRetentionTextVersion is the version of the
	// text that the user was shown, and DataRetentionConsentAt when the user answered.
	// Default: the user was never asked, which is no consent.
	DataRetentionConsent     bool   `dynamodbav:"dataRetentionConsent,omitempty"`
	DataRetentionTextVersion string `dynamodbav:"dataRetentionTextVersion,omitempty" rule:"max=20,plaintext"`
	DataRetentionConsentAt   int64  `dynamodbav:"dataRetentionConsentAt,omitempty"`

	// Identities are the ids of the user's items in UserIdentities.
	Identities []string `dynamodbav:"identities,stringset,omitempty"`
	// OwnerProven reports whether the owner of the address has recovered the account:
	// by setting the password with a code sent to the address, or with an identity
	// whose provider is authoritative for it. Without it, the user who chose the
	// password need not own the address.
	OwnerProven bool `dynamodbav:"ownerProven,omitempty"`
	// RecoveredAt is when the last recovery of the account was entered.
	RecoveredAt int64 `dynamodbav:"recoveredAt,omitempty"`
	// TrustEndedAt is when that recovery ended everything, in epoch seconds. A session
	// that began by then registers no device and sets no PIN any more.
	TrustEndedAt int64 `dynamodbav:"trustEndedAt,omitempty"`
	// AppleRefreshToken is what the user's sign-in with Apple is revoked by, and
	// AppleClientID the id of our client that it was issued to.
	AppleRefreshToken EncryptedString `dynamodbav:"appleRefreshToken,omitempty" rule:"-"`
	AppleClientID     string          `dynamodbav:"appleClientId,omitempty" rule:"-"`

	// DataErasedBefore is the boundary of the user's last erasure of data: DataErasure has
	// its RequestedAt. DataErasedAt is when that erasure had ended, and ErasureUnfinished
	// until then. Package erasure writes and checks both.
	DataErasedBefore int64 `dynamodbav:"dataErasedBefore,omitempty"`
	DataErasedAt     int64 `dynamodbav:"dataErasedAt,omitempty"`

	CreatedAt   int64 `dynamodbav:"createdAt"`
	UpdatedAt   int64 `dynamodbav:"updatedAt"`
	LastLoginAt int64 `dynamodbav:"lastLoginAt,omitempty"`
}

// ErasureUnfinished is the DataErasedAt of a user whose data is being erased. It is later
// than any time.
const ErasureUnfinished = math.MaxInt64

// UserRule is the rule of one text of a User.
type UserRule struct {
	// Attribute is the name of the attribute, such as "birthdate".
	Attribute string
	// Rule is what the text may be unless it is empty, such as "birthdate,adult".
	Rule string

	index int
}

// UserRules returns the rules of the texts that come from users, in the order of
// the fields.
func UserRules() []UserRule {
	var rules []UserRule
	typ := reflect.TypeFor[User]()
	for i := range typ.NumField() {
		field := typ.Field(i)
		if rule := field.Tag.Get("rule"); rule != "" && rule != "-" {
			attribute, _, _ := strings.Cut(field.Tag.Get("dynamodbav"), ",")
			rules = append(rules, UserRule{Attribute: attribute, Rule: rule, index: i})
		}
	}
	return rules
}

// Text returns the text of the user that the rule is about.
func (r UserRule) Text(u *User) string { return reflect.ValueOf(u).Elem().Field(r.index).String() }
