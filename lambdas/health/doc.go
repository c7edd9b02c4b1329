// Package health is the API's own function: it says that the backend is alive,
// and answers requests that no route matches.
package health
