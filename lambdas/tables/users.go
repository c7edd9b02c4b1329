package tables

// Users holds one item for each account.
var Users = &Table{
	Name:         "Users",
	PartitionKey: Attribute{Name: "userId", Type: String},
	Class:        Personal,
	Erasure:      ErasedByDeletion,
}

// User is an item of Users. Times are in epoch milliseconds. The Private fields
// are stored under the user's data key, which is stored beside them in wrapped
// form, so deleting the item shreds them.
type User struct {
	// UserID is the subject (sub) of the user's tokens, given by Cognito.
	UserID   string `dynamodbav:"userId"`
	Username string `dynamodbav:"username"`

	// DataKey is the user's data key, wrapped by the stage's field key.
	DataKey []byte `dynamodbav:"dataKey"`

	Email       Private `dynamodbav:"email"`
	PhoneNumber Private `dynamodbav:"phone_number,omitempty"`
	Birthdate   Private `dynamodbav:"birthdate,omitempty"`
	Address     Private `dynamodbav:"address,omitempty"`
	City        Private `dynamodbav:"city,omitempty"`
	Postcode    Private `dynamodbav:"postcode,omitempty"`
	Country     Private `dynamodbav:"country,omitempty"`

	EmailVerified     bool   `dynamodbav:"emailVerified"`
	Name              string `dynamodbav:"name"`
	GivenName         string `dynamodbav:"given_name"`
	FamilyName        string `dynamodbav:"family_name"`
	Gender            string `dynamodbav:"gender,omitempty"`
	Occupation        string `dynamodbav:"occupation,omitempty"`
	Company           string `dynamodbav:"company,omitempty"`
	PreferredCurrency string `dynamodbav:"preferredCurrency,omitempty"`
	MarketingConsent  bool   `dynamodbav:"marketingConsent"`
	SubscriptionTier  string `dynamodbav:"subscriptionTier"`

	// Identities are the ids of the user's items in UserIdentities.
	Identities []string `dynamodbav:"identities,stringset,omitempty"`
	// AppleRefreshToken is what the user's sign-in with Apple is revoked by, and
	// AppleClientID the id of our client that it was issued to.
	AppleRefreshToken Private `dynamodbav:"appleRefreshToken,omitempty"`
	AppleClientID     string  `dynamodbav:"appleClientId,omitempty"`

	CreatedAt   int64 `dynamodbav:"createdAt"`
	UpdatedAt   int64 `dynamodbav:"updatedAt"`
	LastLoginAt int64 `dynamodbav:"lastLoginAt,omitempty"`
}
