// Command apicompat compares the exported API of the library packages with the
// last release and fails on an incompatible change that CHANGELOG.md does not
// announce.
//
//	go run ./internal/apicompat              # against the newest v* tag
//	go run ./internal/apicompat -base main   # against any commit
//
// A change is incompatible when a program that compiled against the base may
// stop compiling (golang.org/x/exp/apidiff). It is announced when its symbol,
// such as `SecureTableProps.Name`, stands in backquotes under "### Breaking" of
// the section "## Unreleased". docs/versioning.md says what that means for users.
//
// Exit status: 0 when there is no release to compare with or no unannounced
// change, 1 when there is one, 2 when the comparison itself failed.
package main
