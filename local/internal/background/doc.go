// Package background is what the stage's background processes have in common,
// seen from inside: the socket they inherit, when they end, and serving until
// then.
package background
