// Package assembly reads a cloud assembly (a cdk.out) with
// the stacks of the app, of its Stages and of the stacks nested in them. It asks
// CDK nothing.
//
// # References
//
// A template names a resource of another stack in many ways: a parameter or an
// output of a nested stack, an export, an output read at deployment, a physical
// name. [Stack.Parts] resolves all of them, and is the only place that does. The
// role guard of package constructs and the rules of package policy share it.
package assembly
