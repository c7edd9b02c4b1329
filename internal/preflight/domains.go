package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// hostedZone finds a zone that is missing, private, of another domain or without a delegation, and records that
// hold the API's names before the stacks made them.
func hostedZone(ctx context.Context, p *probe) (problems []Problem, _ error) {
	zone := p.cfg.API.Edge.Zone
	if zone.ID == "" {
		return nil, nil // docs/edge.md: an operator makes the records while the deployment waits
	}
	client := route53.NewFromConfig(p.account.Home)
	found, err := client.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: aws.String(zone.ID)})
	var missing *route53types.NoSuchHostedZone
	if errors.As(err, &missing) {
		return []Problem{{fmt.Sprintf("the account has no hosted zone %s", zone.ID),
			fmt.Sprintf("create the zone of %s, or correct API.Edge.Zone in config/%s.go", zone.Name, p.cfg.Stage)}}, nil
	}
	if err != nil {
		return nil, err
	}
	if name := strings.TrimSuffix(aws.ToString(found.HostedZone.Name), "."); name != zone.Name {
		return []Problem{{fmt.Sprintf("the hosted zone %s holds %s, not %s", zone.ID, name, zone.Name), fmt.Sprintf("correct API.Edge.Zone in config/%s.go", p.cfg.Stage)}}, nil
	}
	if found.HostedZone.Config != nil && found.HostedZone.Config.PrivateZone {
		return []Problem{{fmt.Sprintf("the hosted zone %s is private", zone.ID), "give the id of the public zone in API.Edge.Zone"}}, nil
	}
	if found.DelegationSet != nil {
		problems = append(problems, p.delegation(ctx, zone.Name, found.DelegationSet.NameServers)...)
	}
	taken, err := p.takenNames(ctx, client)
	return append(problems, taken...), err
}

// delegation finds a domain whose name servers in DNS are not those of its zone: certificates are never issued.
func (p *probe) delegation(ctx context.Context, domain string, want []string) []Problem {
	do := fmt.Sprintf("make the registrar, or the zone above %s, name the servers %s", domain, strings.Join(want, ", "))
	servers, err := p.account.NameServers(ctx, domain)
	if err != nil {
		return []Problem{{fmt.Sprintf("the name servers of %s cannot be found: %v", domain, err), do}}
	}
	plain := func(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }
	if slices.ContainsFunc(servers, func(server string) bool {
		return slices.ContainsFunc(want, func(wanted string) bool { return plain(wanted) == plain(server) })
	}) {
		return nil
	}
	return []Problem{{fmt.Sprintf("DNS names other servers for %s than its hosted zone: %s", domain, strings.Join(servers, ", ")), do}}
}

// takenNames finds records with the names of the API that no stack made. Route 53 refuses a second one.
func (p *probe) takenNames(ctx context.Context, client *route53.Client) (problems []Problem, _ error) {
	for _, owner := range []struct{ stack, name string }{{"api-stage", p.cfg.API.OriginDomain()}, {"edge", p.cfg.API.Domain}} {
		owned, err := p.owned(ctx, owner.stack)
		if err != nil {
			return problems, err
		}
		if owned {
			continue
		}
		records, err := client.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
			HostedZoneId: aws.String(p.cfg.API.Edge.Zone.ID), StartRecordName: aws.String(owner.name), MaxItems: aws.Int32(10),
		})
		if err != nil {
			return problems, err
		}
		for _, record := range records.ResourceRecordSets {
			isAddress := record.Type == route53types.RRTypeA || record.Type == route53types.RRTypeAaaa || record.Type == route53types.RRTypeCname
			if isAddress && strings.TrimSuffix(aws.ToString(record.Name), ".") == owner.name {
				problems = append(problems, Problem{fmt.Sprintf("the zone has a record %s %s that no stack of the stage made", record.Type, owner.name),
					"delete the record if nothing uses it; a name that serves an older backend moves as docs/edge.md says"})
			}
		}
	}
	return problems, nil
}

// owned reports whether a stack was deployed, in whichever region it belongs to.
func (p *probe) owned(ctx context.Context, name string) (bool, error) {
	if name != "edge" {
		return p.deployed(ctx, name)
	}
	edge := &probe{cfg: p.cfg, account: Account{Home: p.account.Edge}}
	return edge.deployed(ctx, name)
}

// emailDomain finds a domain that SES does not know or has not verified. Cognito refuses a user pool that sends
// from it.
func emailDomain(ctx context.Context, p *probe) ([]Problem, error) {
	domain := p.cfg.Email.Domain()
	identity, err := sesv2.NewFromConfig(p.account.Home).GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String(domain)})
	var missing *sestypes.NotFoundException
	if errors.As(err, &missing) {
		return []Problem{{"SES does not know the domain " + domain,
			fmt.Sprintf("deploy the stack %s, then publish the records in its outputs", p.cfg.PhysicalName("mail"))}}, nil
	}
	if err != nil {
		return nil, err
	}
	if identity.VerifiedForSendingStatus {
		return nil, nil
	}
	what := fmt.Sprintf("SES has not verified the domain %s", domain)
	if identity.DkimAttributes != nil {
		what += fmt.Sprintf(": DKIM is %s", identity.DkimAttributes.Status)
	}
	return []Problem{{what, fmt.Sprintf("publish the records in the outputs of the stack %s: aws cloudformation describe-stacks --stack-name %s --query Stacks[0].Outputs; "+
		"then wait, minutes as a rule and 72 hours at most", p.cfg.PhysicalName("mail"), p.cfg.PhysicalName("mail"))}}, nil
}

// emailSandbox finds an account whose e-mails reach verified addresses only, or none.
func emailSandbox(ctx context.Context, p *probe) (problems []Problem, _ error) {
	sending, err := sesv2.NewFromConfig(p.account.Home).GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return nil, err
	}
	if !sending.ProductionAccessEnabled {
		problems = append(problems, Problem{"SES is in its sandbox: only verified addresses get e-mails, so no user can confirm an account",
			"ask for production access: https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html"})
	}
	if !sending.SendingEnabled {
		problems = append(problems, Problem{"SES has paused sending for the account", "read its message in the console of SES, and answer it"})
	}
	return problems, nil
}

// certificates finds certificates of the API's names that are not issued, with the DNS record that each waits for.
func certificates(ctx context.Context, p *probe) (problems []Problem, _ error) {
	for _, wanted := range []struct {
		region aws.Config
		domain string
	}{{p.account.Home, p.cfg.API.OriginDomain()}, {p.account.Edge, p.cfg.API.Domain}} {
		found, err := certificate(ctx, acm.NewFromConfig(wanted.region), wanted.domain)
		if err != nil {
			return problems, err
		}
		what := fmt.Sprintf("the certificate of %s in %s", wanted.domain, wanted.region.Region)
		switch {
		case found == nil:
			problems = append(problems, Problem{what + " is missing", "deploy the stage, which makes it"})
		case found.Status != acmtypes.CertificateStatusIssued:
			problems = append(problems, Problem{fmt.Sprintf("%s is %s", what, found.Status), recordToMake(found)})
		}
	}
	return problems, nil
}

// certificate returns the certificate of a domain, an issued one first, or nil.
func certificate(ctx context.Context, client *acm.Client, domain string) (found *acmtypes.CertificateDetail, _ error) {
	pages := acm.NewListCertificatesPaginator(client, &acm.ListCertificatesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, summary := range page.CertificateSummaryList {
			if aws.ToString(summary.DomainName) != domain {
				continue
			}
			out, err := client.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: summary.CertificateArn})
			if err != nil {
				return nil, err
			}
			if found == nil || out.Certificate.Status == acmtypes.CertificateStatusIssued {
				found = out.Certificate
			}
		}
	}
	return found, nil
}

// recordToMake says which record proves the domain to ACM.
func recordToMake(c *acmtypes.CertificateDetail) string {
	for _, option := range c.DomainValidationOptions {
		if record := option.ResourceRecord; record != nil {
			return fmt.Sprintf("make the record %s %s %s", aws.ToString(record.Name), record.Type, aws.ToString(record.Value))
		}
	}
	return "read in the console of ACM which record it waits for"
}
