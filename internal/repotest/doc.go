// Package repotest holds the tests of the repository itself: that cdk.json follows the pinned CDK, that
// the npm lock says what package.json says, that workflows are sound and their actions pinned, and that
// the decision pages are complete and have a status, and that the pages avoid forbidden words. It has no
// code of its own.
package repotest
