package constructs

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// Patterns of names that several constructs take.
var (
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	roleNamePattern = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,64}$`)
	// A scheme and a host, perhaps a port: no path, no wildcard.
	originPattern = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[a-z0-9.-]+(:[0-9]{1,5})?$`)
	regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// isToken reports whether CDK fills the value in later.
func isToken(s string) bool { return *awscdk.Token_IsUnresolved(s) }
