package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EdgeDomain is the domain name under which clients call an API.
type EdgeDomain struct {
	// Name is the host name, such as "api.example.com". Required with Certificate.
	Name string
	// AlternateNames are further names of the API, under the same certificate.
	// Default: none.
	AlternateNames []string
	// Certificate is a certificate in us-east-1 for all names. Required with Name.
	Certificate awscertificatemanager.ICertificate
	// Zone is the hosted zone of all names. A and AAAA records are made in it as
	// aliases of the distribution. Default: none, the stack's outputs say which
	// records to make elsewhere.
	Zone awsroute53.IHostedZone
}

func (d EdgeDomain) isZero() bool {
	return d.Name == "" && len(d.AlternateNames) == 0 && d.Certificate == nil && d.Zone == nil
}

func (d EdgeDomain) names() []string { return append([]string{d.Name}, d.AlternateNames...) }

func (d EdgeDomain) check(prop string, p *problems) {
	if d.isZero() {
		return
	}
	p.require(d.Certificate != nil, prop+".Certificate", "is missing; give a certificate for %s in %s", d.Name, EdgeRegion)
	seen := map[string]bool{}
	for i, name := range d.names() {
		at := prop + ".Name"
		if i > 0 {
			at = fmt.Sprintf("%s.AlternateNames[%d]", prop, i-1)
		}
		p.require(hostPattern.MatchString(name), at, "is %q; give a host name in small letters, without https://", name)
		p.require(!seen[name], at, "%q is listed twice", name)
		seen[name] = true
		if d.Zone != nil {
			zone := *d.Zone.ZoneName()
			p.require(isToken(zone) || name == zone || strings.HasSuffix(name, "."+zone), at, "is %q, which is not in the zone %s", name, zone)
		}
	}
}

// addRecords makes the DNS records of the names, or outputs that say which records
// to make.
func (d EdgeDomain) addRecords(scope constructs.Construct, distribution awscloudfront.Distribution) {
	if d.isZero() {
		return
	}
	for i, name := range d.names() {
		if d.Zone == nil {
			awscdk.NewCfnOutput(scope, jsii.String(fmt.Sprintf("Record%d", i+1)), &awscdk.CfnOutputProps{
				Description: jsii.String("Make " + name + " an alias (A and AAAA), or a CNAME, of this name"),
				Value:       distribution.DistributionDomainName(),
			})
			continue
		}
		target := awsroute53.RecordTarget_FromAlias(awsroute53targets.NewCloudFrontTarget(distribution))
		id := derivedID("Record", name)
		// CDK takes a record name without a dot at its end as relative to the zone.
		awsroute53.NewARecord(scope, jsii.String(id), &awsroute53.ARecordProps{Zone: d.Zone, RecordName: jsii.String(name + "."), Target: target})
		awsroute53.NewAaaaRecord(scope, jsii.String(id+"Ipv6"), &awsroute53.AaaaRecordProps{Zone: d.Zone, RecordName: jsii.String(name + "."), Target: target})
	}
}
