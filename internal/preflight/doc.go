// Package preflight checks an AWS account before a stage is deployed to it: with calls that only read, it finds
// what would make the deployment fail half-way, or the stage useless afterwards.
//
//	results := preflight.Run(ctx, cfg, account)
//	fmt.Print(preflight.Text(results, preflight.Stacks))
//
// Each check belongs to a step: the deployment of the mail stack, that of the other stacks, or the first user.
// docs/first-deploy.md has the steps in order. "make preflight" runs the checks, "make deploy" runs them before
// each of its steps.
package preflight
