package secrets

// Secret is one secret, independent of the stage it is deployed to.
type Secret struct {
	// Name is the last part of the secret's name: "jwt" is stored in prod as
	// "expenzez/prod/jwt".
	Name string
	// Purpose says what the secret is for.
	Purpose string
	// Keys are the keys of the JSON object.
	Keys []string
	// GeneratedLength makes Secrets Manager generate the value of the only key,
	// with this many characters. Zero means that an operator puts the value.
	GeneratedLength int
}

// The secrets.
var (
	JWT = &Secret{
		Name:            "jwt",
		Purpose:         "Signs what the backend itself signs.",
		Keys:            []string{"JWT_SECRET"},
		GeneratedLength: 64,
	}
	OpenAI = &Secret{
		Name:    "openai",
		Purpose: "Calls the OpenAI API.",
		Keys:    []string{"OPENAI_API_KEY"},
	}
	Apple = &Secret{
		Name:    "apple",
		Purpose: "Verifies and revokes Sign in with Apple.",
		Keys:    []string{"APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY", "APPLE_CLIENT_ID", "APPLE_SERVICE_ID"},
	}
	RevenueCat = &Secret{
		Name:    "revenuecat",
		Purpose: "Reads subscriptions from RevenueCat.",
		Keys:    []string{"REVENUECAT_SECRET_KEY", "IOS_API_KEY", "ANDROID_API_KEY"},
	}
)

// All returns every secret.
func All() []*Secret { return []*Secret{JWT, OpenAI, Apple, RevenueCat} }
