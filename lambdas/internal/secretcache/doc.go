// Package secretcache reads secrets from Secrets Manager and caches their values in the
// execution environment.
//
//	type insights struct{ secrets *secretcache.Cache }
//
//	func newInsights(resources *function.Resources) (*insights, error) {
//		return &insights{secretcache.Open(resources, secrets.OpenAI)}, nil
//	}
//
//	key, err := i.secrets.Get(ctx, secrets.OpenAIAPIKey)
//
// The secrets of Open are fetched in parallel at the start. A function whose secrets cannot
// be read does not start. A value is fetched again when it is five minutes old, plus or
// minus a tenth, so that environments that started together fetch at different times. AWS's
// own cache for Lambda also uses five minutes:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
//
// When a secret changes or cannot be read:
//
//	rotated, new value in use       noticed after at most 5.5 minutes, or at once
//	                                when RefreshRejected gets the refused value
//	rotated, old value still used   Previous returns it for the lifetime of what
//	                                it signed
//	Secrets Manager is down         the value stays in use, up to MaxStale longer;
//	                                attempts 10 s apart
//	the secret is deleted           the value ends at the next refresh
//	a key is missing in the JSON    an error that names secret and key
//
// A Value is redacted in logs, errors and JSON. Only Reveal returns its text.
package secretcache
