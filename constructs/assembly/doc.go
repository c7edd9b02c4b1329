// Package assembly reads a cloud assembly (a cdk.out) with the stacks of the app, of
// its Stages and of their nested stacks. It does not call CDK.
//
// # References
//
// A template refers to a resource of another stack in many ways: by a parameter or an
// output of a nested stack, an export, an output read at deployment, or a physical
// name. [Stack.Parts] resolves all of them. The role guard of package constructs and
// the rules of package policy use it.
package assembly
