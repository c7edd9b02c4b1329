// Package stacks wires a stage. It turns the configuration, the tables, the secrets and
// the function declarations into CloudFormation stacks, with the constructs of package
// constructs. A function's declaration decides everything about the function.
//
//	network
//	       the VPC of the functions with its endpoints, where the configuration has one
//	mail   the domain that e-mails come from, which must be verified first
//	core   keys, tables, secrets, the user pool and every other resource that must not be
//	       lost, with the functions that the pool invokes or that rotate a secret
//	api    HTTP API, authorizer, CORS, and the API's own function
//	auth   the functions of accounts, sign-in, profile, devices and the app lock, with
//	       their routes and schedules
//	transactions, ai, notifications
//	       the same for these concerns
//	api-stage
//	       the API's stage, after all routes, and its host name
//	edge   CloudFront and AWS WAF in front of the API, in us-east-1
//	monitoring
//	       alarms and dashboards over the API, all functions and tables; alarms of e-mails
//	delivery
//	       the roles of the workflows and the mailbox of their tests, where the configuration
//	       names a repository
//	governance
//	       the trail, the services of AWS that watch the account, the budget, and the copies
//	       of the tables
//
// Each domain names its stack (function.Domain), and package lambdas lists the domains.
// References lead only from later to earlier stacks. A domain's stack owns the routes
// of its functions.
package stacks
