// Package constructs is a library of AWS CDK constructs for secure serverless
// backends: each one is safe when nothing is said, and hard to make unsafe.
//
// # Quick start
//
// In a CDK app of your own (cdk init app --language go):
//
//	go get github.com/expenzez/infrastructure/constructs
//
// A stack holds data, and functions that say what they do with it:
//
//	table := constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
//		Name:         "shop-prod-users",
//		PartitionKey: constructs.TableKey{Name: "userId"},
//	})
//	getUser := constructs.NewLeastPrivilegeFunction(stack, "GetUser", &constructs.LeastPrivilegeFunctionProps{
//		Name:   "shop-prod-get-user",
//		Code:   constructs.GoBundle{Package: "./lambdas/users"},
//		Grants: []constructs.Grant{table.Allow(constructs.GetItem)},
//	})
//
// Routes, rules and schedules invoke getUser.Alias. "go run ." (or cdk synth)
// then builds the Go package and writes the template: a table under a key of its
// own with recovery, protection and a backup tag; a function whose role may get
// items of this table, write its own logs and traces, and nothing else. The
// example of this package is a whole stack; docs/constructs has a page for each
// construct, and one on what happens to mistakes.
//
// What the library needs of an app: Go and Node.js as CDK does, an account and a
// region for each stack that imports by name or replicates, and nothing else. It
// sets no context and adds no aspects; a function adds one check to its app.
//
// # Conventions
//
// Every construct is made by NewXxx(scope, id, props) and can itself be a scope;
// the CDK resources in it are exported fields. Props are plain Go values, and
// their zero values are the safe choice: a bool is named so that true is the
// less safe answer (Disposable). Each prop's comment ends with its default. A
// constructor validates, builds, wires and grants, in that order.
//
// # Errors
//
// A construct whose props are wrong panics with a [*PropsError], as CDK itself
// reports errors by panicking; the error holds everything that is wrong, not
// only the first. What can be known only when the whole app exists (a managed
// policy attached to a role afterwards, say) is reported by app.Synth, which
// panics as well.
//
// # Permissions
//
// Permissions are values. A resource makes a [Grant] from typed operations
// (SecureTable.Allow, DataKey.Allow, AppSecret.AllowRead, AllowUserPool), and
// LeastPrivilegeFunction writes grants, and nothing else, into a role of its
// own. Statements always stand on the role's side, never in the resource's
// policy, so a stack with functions refers to a stack with data and never the
// other way round. The few wildcards that AWS leaves no way around are listed,
// with reasons, by [ExplainedWildcards]; [UnexplainedWildcards] finds any other
// in a template.
//
// # Monitoring
//
// An [AlertTopic] takes alarms, events and cost alerts of the account to e-mail
// and Slack. A [FunctionFleet] watches all Lambda functions of the account with
// one alarm for each question; a [MonitoredFunction], or a [FunctionMonitoring]
// for a function made otherwise, asks more of one. An [HttpApiMonitoring] watches
// what callers of an API feel. Thresholds are [AlarmLevels]: zero is the default,
// [Off] is none.
package constructs
