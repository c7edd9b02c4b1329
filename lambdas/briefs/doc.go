// Package briefs is the domain of daily briefs and monthly reports: figures that are
// computed from what is stored, and texts from templates. No figure comes from a model.
//
// Make makes a brief when a client asks for one that is missing, or when a message says
// so. Schedule sends the messages, in the early morning of each time zone. A brief is one
// conditional write, so each user has one a day, however often it is made.
//
// docs/domains/briefs.md has the rules.
package briefs
