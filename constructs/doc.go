// Package constructs is a library of AWS CDK constructs for secure serverless
// backends. Each construct has safe defaults and is hard to make unsafe.
//
// # Quick start
//
// In a CDK app of your own (cdk init app --language go):
//
//	go get github.com/expenzez/infrastructure/constructs
//
// A stack holds data, and functions that say what they do with it:
//
//	users := constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
//		Name:         "shop-prod-users",
//		PartitionKey: constructs.TableKey{Name: "userId"},
//	})
//	getUser := constructs.NewLeastPrivilegeFunction(stack, "GetUser", &constructs.LeastPrivilegeFunctionProps{
//		Name:   "shop-prod-get-user",
//		Code:   constructs.GoBundle{Package: "./lambdas/users"},
//		Grants: []constructs.Grant{users.Allow(constructs.GetItem)},
//	})
//
// In a production app add NewBackupPlan and NewFunctionFleet: package policy asks for
// both. Routes, rules and schedules invoke getUser.Alias. "cdk synth" builds the
// Go package and writes the template. "go run ." does so too, without the context of
// cdk.json, which only the cdk CLI reads. The table has its own key,
// point-in-time recovery, deletion protection and a backup tag. The function's role
// may get items of this table and write its own logs and traces, and nothing else.
// The package example is a whole stack. docs/constructs has a page for each
// construct and a page about mistakes.
//
// An app needs Go and Node.js, as for CDK itself. A stack that imports resources by
// name or replicates them needs an account and a region. The library sets no context
// and adds no aspects. A function adds one check to its app.
//
// # Conventions
//
// NewXxx(scope, id, props) makes a construct, which can itself be a scope. Its CDK
// resources are exported fields. Six constructors return the CDK object itself:
// NewAccessLogBucket, NewGitHubProvider, NewHttpApiStage, NewRetainedLogGroup,
// NewSecretRotation and NewTableStreamConsumer. Props are plain Go values, and their
// zero values are the safe choice. No bool has to be true for safety. Where a choice
// weakens protection, true is the weaker one (Disposable, Unlocked). Each prop's comment
// ends with its default. A constructor validates, builds, wires and grants, in that
// order.
//
// # Errors
//
// A construct with invalid props panics with a [*PropsError], because CDK itself
// reports errors by panics. The error lists all problems. Problems that only the
// whole app shows, such as a managed policy attached to a role later, make app.Synth
// panic.
//
// # Permissions
//
// Permissions are values. A resource makes a [Grant] from typed operations
// (SecureTable.Allow, DataKey.Allow, AppSecret.AllowRead, AllowUserPool).
// LeastPrivilegeFunction writes grants, and nothing else, into its own role.
// Statements are always in the role's policy, never in the resource's. So a stack
// with functions refers to a stack with data, and never the other way round.
// [ExplainedWildcards] lists the wildcards that AWS requires, with reasons.
// [UnexplainedWildcards] finds all others in a template.
//
// # Monitoring
//
// An [AlertTopic] sends alarms, events and cost alerts of the account to e-mail and
// Slack. A [FunctionFleet] watches all Lambda functions of the account with one alarm
// of each kind. A [MonitoredFunction] has more alarms for one function, and a
// [FunctionMonitoring] has them for a function of another construct. An
// [HttpApiMonitoring] watches the errors and latency that clients of an API see.
// Thresholds are [AlarmLevels]: zero means the default and [Off] means no alarm.
package constructs
