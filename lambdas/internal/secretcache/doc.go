// Package secretcache reads the values of secrets from Secrets Manager and keeps
// them for as long as the execution environment lives.
//
//	type insights struct{ secrets *secretcache.Cache }
//
//	func newInsights(env *function.Resources) (*insights, error) {
//		return &insights{secretcache.Open(env, secrets.OpenAI)}, nil
//	}
//
//	key, err := i.secrets.Get(ctx, secrets.OpenAIAPIKey)
//
// The secrets that Open names are fetched at the start, all at once; a function
// whose secrets cannot be read does not start. A value is then fetched again
// when it is five minutes old, give or take a tenth, so that environments that
// started together do not ask together. Five minutes is also what AWS's own
// cache for Lambda takes:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
//
// What happens when a secret changes or cannot be read:
//
//	rotated, new value in use       noticed after at most 5.5 minutes, or at once
//	                                when what was refused is told to Rejected
//	rotated, old value still met    Previous returns it, for as long as something
//	                                signed with it may live
//	Secrets Manager is down         the value goes on being used, up to MaxStale
//	                                beyond its time; attempts 10 s apart
//	the secret is deleted           the value ends at the next refresh
//	a key is missing in the JSON    an error that names secret and key
//
// A Value does not show itself in logs, errors or JSON; Reveal is the one way to
// read it.
package secretcache
