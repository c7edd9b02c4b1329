package config

import "fmt"

// Delivery says which workflows deploy and test the stage.
type Delivery struct {
	// Repository is the GitHub repository, as owner/name, whose workflows deploy the stage. Empty means that
	// none may.
	Repository string
	// Mailbox keeps the e-mails to MailDomain for a day, so that the users of tests get their codes. Prod has none.
	Mailbox bool
	// Reviewed stops a deployment by a workflow that no reviewer but the one who pushed has approved. Prod needs it.
	Reviewed bool
}

// repository is the repository whose workflows deploy the stages. A fork names itself.
const repository = "expenzez/infrastructure"

// The names of the roles that workflows assume, after the stage's name (PhysicalName).
const (
	DeployRole = "deploy"
	ReadRole   = "read"
)

// LookupRole returns the ARN of the role of CDK's bootstrap that reads the account.
// https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
func (c Config) LookupRole() string {
	return fmt.Sprintf("arn:aws:iam::%s:role/cdk-hnb659fds-lookup-role-%s-%s", c.Account, c.Account, c.Region)
}

// ReadEnvironment returns the GitHub environment whose jobs may only read the stage.
func (c Config) ReadEnvironment() string { return c.Stage + "-read" }

// MailPrefix is the folder in the mailbox for the e-mails of tests.
const MailPrefix = "inbound"

// MailDomain returns the domain whose e-mails the mailbox of tests keeps. It is below the domain of Email,
// which SES has verified.
func (c Config) MailDomain() string { return "test." + c.Email.Domain() }

// MailboxBucket returns the bucket with the e-mails of tests.
func (c Config) MailboxBucket() string { return c.BucketName("test-mailbox") }

// Branch returns the branch whose pushes are deployed to the stage, or nothing.
func (c Config) Branch() string {
	return map[string]string{"dev": "develop", "staging": "staging", "prod": "main"}[c.Stage]
}

// URL returns the base URL that clients of a deployed stage call.
func (c Config) URL() string { return "https://" + c.API.Domain }
