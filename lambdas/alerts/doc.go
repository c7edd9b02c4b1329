// Package alerts is the domain of proactive alerts: what users are told by themselves when
// something happens to their money. Each file with a route or an event holds one function.
//
// An alert is stored without a text, under an id that is made of its cause. So a cause that
// is reported twice leads to one alert, and one that the user has acknowledged or dismissed
// does not come back. docs/domains/alerts.md says more.
package alerts
