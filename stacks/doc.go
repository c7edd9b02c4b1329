// Package stacks wires a stage: it turns the configuration, the tables, the
// secrets and the function declarations into CloudFormation stacks of the
// constructs in package constructs. It decides nothing about a function; that
// is its declaration's business.
//
//	mail   the domain that e-mails come from, which has to be verified first
//	core   keys, tables, secrets, user pool: everything that must not be lost; and the
//	       functions that the pool names, or that rotate a secret
//	api    HTTP API, authorizer, CORS, and the API's own function
//	auth   the functions of accounts, sign-in, profile, devices and the app lock, with
//	       their routes and schedules
//	transactions, ai, notifications
//	       the same for these concerns, as soon as a domain names them
//	api-stage
//	       the API's stage, after all routes
//	monitoring
//	       alarms and dashboards over the API, all functions and tables; alarms of e-mails
//
// Each domain names its stack (function.Domain), and package lambdas lists the domains.
// References go from the later to the earlier stacks only, and a domain's stack
// owns the routes of its functions.
package stacks
