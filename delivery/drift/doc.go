// Package drift finds what differs from the templates of a stage's stacks, by CloudFormation's
// drift detection. Releases move the functions' aliases, which CloudFormation reports as
// differences; they are left out.
package drift
