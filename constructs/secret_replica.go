package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
)

// SecretReplica is a copy of a secret in another region, which Secrets Manager
// keeps up to date.
type SecretReplica struct {
	// Region is the other region, for example "eu-central-1". Required.
	Region string
	// KeyARN is the ARN of a customer-managed key in that region. The secret's own
	// key works there only if it is a multi-region key, whose replica has its own
	// ARN. Required.
	KeyARN string
}

// validateReplicas records the problems of the replicas. home is the secret's
// region and may be a token.
func (p *AppSecretProps) validateReplicas(home string, bad *problems) {
	seen := map[string]bool{}
	for i, r := range p.Replicas {
		at := fmt.Sprintf("Replicas[%d]", i)
		bad.require(regionPattern.MatchString(r.Region), at+".Region", "is %q; give a region such as eu-central-1", r.Region)
		bad.require(r.Region != home, at+".Region", "%q is the region of the secret itself", r.Region)
		bad.require(!seen[r.Region], at+".Region", "%q is listed twice", r.Region)
		seen[r.Region] = true
		arn := keyARNPattern.FindStringSubmatch(r.KeyARN)
		bad.require(arn != nil && arn[1] == r.Region, at+".KeyARN", "is %q; give the ARN of a key in %s", r.KeyARN, r.Region)
	}
}

func (p *AppSecretProps) replicaRegions() any {
	if len(p.Replicas) == 0 {
		return nil
	}
	var regions []any
	for _, r := range p.Replicas {
		regions = append(regions, &awssecretsmanager.CfnSecret_ReplicaRegionProperty{
			Region: jsii.String(r.Region), KmsKeyId: jsii.String(r.KeyARN),
		})
	}
	return &regions
}
