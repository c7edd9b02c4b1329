// Package repotest holds the tests of the repository itself. cdk.json follows the pinned CDK,
// and the npm lock follows package.json. Workflows are sound and their actions pinned. Decision
// pages are complete and have a status. Links and named tests exist. Pages, comments, messages
// and names of Go code avoid forbidden words. Tests are named for their subject, and types of
// routes end in Request and Response. The package has only tests.
package repotest
