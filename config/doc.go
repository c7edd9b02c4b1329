// Package config holds the configuration of each stage: one typed [Config] per stage, validated before the
// stacks are built from it.
//
//	c, err := config.Load("staging")
//	if err != nil {
//		return err // names every wrong field, or the known stages
//	}
//	if err := c.CheckDeployable(os.Getenv("CDK_DEFAULT_ACCOUNT")); err != nil {
//		return err // the credentials belong to another stage, or a field has its example
//	}
//
// Each stage has a file of its own (dev.go, staging.go, prod.go, local.go). Values that all stages share
// are in shared.go. The folder contains no secrets and reads no environment variables, so a review of this
// folder is a review of every stage.
//
// The account, the zone and the ids of Google and RevenueCat are examples. Put the real values into the
// stage's file before the first deployment. [Config.CheckDeployable] refuses all credentials until then.
package config
