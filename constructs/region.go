package constructs

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/regioninfo"
	"github.com/aws/constructs-go/constructs/v10"
)

// Names of regions and zones in every partition: eu-west-2, us-gov-west-1,
// us-iso-east-1, eusc-de-east-1, and us-west-2-lax-1a for a local zone.
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
var (
	regionPattern   = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)
	zoneNamePattern = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9](-[a-z]+-[0-9])?[a-z]$`)
)

// regionOf returns the region of a construct's stack, or "" if it is known only at
// deployment.
func regionOf(c constructs.IConstruct) string {
	if region := *awscdk.Stack_Of(c).Region(); !isToken(region) {
		return region
	}
	return ""
}

// inDifferentRegions reports whether two constructs are known to be in different
// regions.
func inDifferentRegions(a, b constructs.IConstruct) bool {
	here, there := regionOf(a), regionOf(b)
	return here != "" && there != "" && here != there
}

// commonSuffix is the domain of AWS's commercial and GovCloud partitions.
const commonSuffix = "amazonaws.com"

// domainSuffix returns the domain of a region's endpoints, such as amazonaws.com.cn
// in China, from CDK's region data. For an unknown region it returns a reference to
// the domain of the deployed stack.
func domainSuffix(region string) string {
	if !isToken(region) {
		if suffix := regioninfo.RegionInfo_Get(&region).DomainSuffix(); suffix != nil {
			return *suffix
		}
	}
	return *awscdk.Aws_URL_SUFFIX()
}

// serviceHost returns the host name of a service's endpoint in a region.
func serviceHost(service, region string) string {
	return fmt.Sprintf("%s.%s.%s", service, region, domainSuffix(region))
}

// viaService returns the values of kms:ViaService for requests through the service
// in the stack's region. AWS documents names under amazonaws.com, and CDK writes
// them in every partition. If a partition has its own domain, the name under that
// domain is allowed too.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
func viaService(stack awscdk.Stack, service string) []string {
	region := *stack.Region()
	common, own := fmt.Sprintf("%s.%s.%s", service, region, commonSuffix), serviceHost(service, region)
	if isToken(region) || common == own {
		return []string{common}
	}
	return []string{common, own}
}
