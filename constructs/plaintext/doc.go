// Package plaintext finds secrets in templates and function configurations, which
// many principals can read. It looks at the value first: keys by their issuers'
// marks, passwords in URLs, references that CloudFormation resolves to the secret,
// and random characters. The variable's name decides only if the value is not
// conclusive, such as a short password. The package does not depend on CDK.
package plaintext
