// Package release shifts all functions of a stage to the versions that its stacks have
// published, together, and takes all of them back together.
//
// CloudFormation publishes versions and never moves the alias "live"
// (docs/decisions/0024). A [Command] finds the functions of the stage, gives the new
// versions a part of the invocations, watches, and then commits or takes back.
//
// # A killed run
//
// The state is one document in a [Store], which is written only if it is still as it was
// read. The phase of a release changes before the first alias moves: the run that continues a
// killed run moves each alias to the state of the phase, so that the stage ends all new
// or all old. A run holds a lease while it works; another run is refused until the lease
// ends. A run renews its lease before it moves an alias, which fails once another run has
// taken over. Lambda refuses later writes, too: each names the revision of the alias that
// the run has read.
package release
