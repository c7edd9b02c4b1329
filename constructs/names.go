package constructs

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Patterns of names that several constructs take.
var (
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	roleNamePattern = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,64}$`)
	// A scheme and a host, perhaps a port: no path, no wildcard.
	originPattern = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[a-z0-9.-]+(:[0-9]{1,5})?$`)
	regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// regionOf is the region of a construct's stack, empty where nobody knows it yet.
func regionOf(c constructs.IConstruct) string {
	if region := *awscdk.Stack_Of(c).Region(); !isToken(region) {
		return region
	}
	return ""
}

// apart reports whether two constructs are known to be in different regions.
func apart(a, b constructs.IConstruct) bool {
	here, there := regionOf(a), regionOf(b)
	return here != "" && there != "" && here != there
}

// isToken reports whether CDK fills the value in later.
func isToken(s string) bool { return *awscdk.Token_IsUnresolved(s) }
