package secrets

import "strings"

// Secret is one secret, independent of the stage it is deployed to.
type Secret struct {
	// Name is the last part of the secret's name: "jwt" is stored in prod as
	// "expenzez/prod/jwt".
	Name string
	// Purpose says what the secret is for.
	Purpose string
	// Keys are the keys of the JSON object. The Key values below name each once.
	Keys []string
	// GeneratedLength makes Secrets Manager generate the value of the only key,
	// with this many characters. Zero means that the value comes from elsewhere: an
	// operator puts it, or a resource has it (Cognito).
	GeneratedLength int
}

// Key is one value of a secret. The ones below are all there are.
type Key struct {
	secret *Secret
	name   string
}

// Secret returns the secret that holds the value.
func (k Key) Secret() *Secret { return k.secret }

// Name returns the value's key in the secret's JSON object, such as
// "OPENAI_API_KEY".
func (k Key) Name() string { return k.name }

// The secrets.
var (
	JWT = &Secret{
		Name:            "jwt",
		Purpose:         "Signs what the backend itself signs.",
		GeneratedLength: 64,
	}
	OpenAI = &Secret{
		Name:    "openai",
		Purpose: "Calls the OpenAI API.",
	}
	Apple = &Secret{
		Name:    "apple",
		Purpose: "Verifies and revokes Sign in with Apple.",
	}
	RevenueCat = &Secret{
		Name:    "revenuecat",
		Purpose: "Reads subscriptions from RevenueCat, and proves that an event is RevenueCat's.",
	}
	Expo = &Secret{
		Name:    "expo",
		Purpose: "Sends push notifications through Expo, whose project takes them with an access token only.",
	}
	Cognito = &Secret{
		Name:    "cognito",
		Purpose: "Makes the backend the only client of the user pool.",
	}
	Sentry = &Secret{
		Name:    "sentry",
		Purpose: "Reports errors to Sentry; the value off drops them, and without a value they wait.",
	}
)

// The keys of the secrets.
var (
	JWTSecret = JWT.key("JWT_SECRET")

	OpenAIAPIKey = OpenAI.key("OPENAI_API_KEY")

	AppleTeamID     = Apple.key("APPLE_TEAM_ID")
	AppleKeyID      = Apple.key("APPLE_KEY_ID")
	ApplePrivateKey = Apple.key("APPLE_PRIVATE_KEY")
	AppleClientID   = Apple.key("APPLE_CLIENT_ID")
	AppleServiceID  = Apple.key("APPLE_SERVICE_ID")

	RevenueCatSecretKey     = RevenueCat.key("REVENUECAT_SECRET_KEY")
	RevenueCatIOSAPIKey     = RevenueCat.key("IOS_API_KEY")
	RevenueCatAndroidAPIKey = RevenueCat.key("ANDROID_API_KEY")
	// RevenueCatWebhookAuthorization is the Authorization header that RevenueCat sends
	// with its events. An operator makes it up and enters it at RevenueCat too.
	RevenueCatWebhookAuthorization = RevenueCat.key("REVENUECAT_WEBHOOK_AUTHORIZATION")

	ExpoAccessToken = Expo.key("EXPO_ACCESS_TOKEN")

	CognitoClientSecret = Cognito.key("COGNITO_CLIENT_SECRET")

	SentryDSN = Sentry.key("SENTRY_DSN")
)

// All returns every secret.
func All() []*Secret { return []*Secret{JWT, OpenAI, Apple, RevenueCat, Expo, Cognito, Sentry} }

// Variable is the name of the environment variable through which a function
// that may read the secret learns its ARN, such as SECRET_JWT.
func (s *Secret) Variable() string { return "SECRET_" + strings.ToUpper(s.Name) }

func (s *Secret) key(name string) Key {
	s.Keys = append(s.Keys, name)
	return Key{secret: s, name: name}
}
