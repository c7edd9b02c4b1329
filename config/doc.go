// Package config says how the stages differ: one typed [Config] per stage, checked before anything
// is built from it.
//
//	c, err := config.Load("staging")
//	if err != nil {
//		return err // names every wrong field, or the stages there are
//	}
//	if err := c.CheckAccount(os.Getenv("CDK_DEFAULT_ACCOUNT")); err != nil {
//		return err // these credentials belong to another stage
//	}
//
// Each stage has a file of its own (dev.go, staging.go, prod.go, local.go); what all of them share is
// in shared.go. Nothing here is secret and nothing is read from the environment, so a review of this
// folder is a review of every stage.
//
// The account ids are examples. Before the first deployment put the real one into the stage's file:
// until then [Config.CheckAccount] refuses every real account.
package config
