// Package plaintext finds secrets that stand where anyone who may read a template
// or a function's configuration reads them. The value decides: a key as its issuer
// marks it, a password in a URL, a reference that CloudFormation replaces by the
// secret, random characters. A variable's name decides only where the value says
// nothing, as a short password does. It knows nothing of CDK.
package plaintext
