// Package secrets declares every secret of the backend once: its name in
// Secrets Manager and the keys of the JSON object it holds. The stacks build
// the secrets from these values; no value of a secret is in the repository.
package secrets
