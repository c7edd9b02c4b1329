// Package stacks wires a stage: it turns the configuration, the tables, the
// secrets and the function declarations into CloudFormation stacks of the
// constructs in package constructs. It decides nothing about a function; that
// is its declaration's business.
//
//	mail   the domain that e-mails come from, which has to be verified first
//	core   keys, tables, secrets, user pool: everything that must not be lost; and the
//	       functions that the pool names, or that rotate a secret
//	api    HTTP API, authorizer, CORS, access logs, and the API's own function
//	auth   the functions of accounts, sign-in, profile, devices and the app lock, with
//	       their routes and schedules
//	monitoring
//	       alarms and dashboards over the API, all functions and tables; alarms of e-mails
//
// References go from the later to the earlier stacks only, and a domain's stack
// owns the routes of its functions.
package stacks
