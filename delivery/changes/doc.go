// Package changes compares two commits for a reviewer: what a pull request would destroy
// or replace, which rights its functions gain, what it costs, and what it breaks in the
// contract.
//
// Each commit is a [Snapshot], a folder that the commit's own code writes. Comparing two
// needs no credentials and no deployed stage, so that the pull request of a fork has the
// same comparison.
//
//	make snapshot OUT=/tmp/base          # in a checkout of the target branch
//	make snapshot OUT=/tmp/head          # in a checkout of the pull request
//	make changes BASE=/tmp/base HEAD=/tmp/head LABELS=allow-higher-cost
//
// A [Report] has one part for each kind of change. A part with a change that a person
// must decide about is refused until the pull request has the part's label.
package changes
