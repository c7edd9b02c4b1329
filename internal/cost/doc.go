// Package cost estimates what a stage costs in a month, from its synthesized templates, its configuration,
// the AWS calls that its operations were measured to make, and a dated list of prices.
//
//	stacks, err := cost.ReadStacks("cdk.out")
//	report, err := cost.Estimate(cfg, stacks)
//
// The fixed part is what the resources cost without a single request. A resource type that the package does
// not know is an error, so no resource is free by mistake. The command in cmd/cost prints a report for
// "make cost"; a test in cdk_test writes docs/cost.md and compares each stage with its budget.
package cost
