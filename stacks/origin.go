package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/policy"
)

// originSecretName returns the name of the secret that the edge sends. The edge's stack
// is in another region and knows the secret by this name only.
func originSecretName(cfg config.Config) string { return "expenzez/" + cfg.Stage + "/origin" }

// forwarderSecretName returns the name of the secret of a backend that forwards the
// requests of its own clients, or "" where there is none.
func forwarderSecretName(cfg config.Config) string {
	if !cfg.API.Edge.HasForwarder() {
		return ""
	}
	return "expenzez/" + cfg.Stage + "/forwarder"
}

// newOriginGuard makes the secrets that prove that a request came through the edge, and
// that a backend forwarded it.
func newOriginGuard(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey) *constructs.ApiOriginGuard {
	guard := constructs.NewApiOriginGuard(stack, "OriginGuard", &constructs.ApiOriginGuardProps{
		SecretName:          originSecretName(cfg),
		ForwarderSecretName: forwarderSecretName(cfg),
		Api:                 constructs.ApiReference{Domain: cfg.API.OriginDomain()},
		EncryptionKey:       storage.Key,
		Disposable:          cfg.Data.Disposable,
	})
	const why = "The edge sends one version by its id, so a rotation is a change of the configuration and a deployment (docs/edge.md)."
	policy.Accept(guard, "AwsSolutions-SMG4", why)
	policy.Accept(guard, "NIST.800.53.R5-SecretsManagerRotationEnabled", why)
	return guard
}

// originGrants returns what the runtime needs to check requests of the function. Every
// function with routes gets it, whatever it declares.
func (w *wiring) originGrants(declared *function.Function) []constructs.Grant {
	if len(declared.Routes) == 0 {
		return nil
	}
	grants := []constructs.Grant{w.core.origin.AllowRead()}
	if w.cfg.API.Edge.HasForwarder() {
		grants = append(grants, w.core.origin.AllowReadForwarder())
	}
	return grants
}

// originVariables returns the variables of originGrants.
func (w *wiring) originVariables(declared *function.Function) map[string]string {
	if len(declared.Routes) == 0 {
		return nil
	}
	variables := map[string]string{function.OriginSecretVariable: w.core.origin.ARN()}
	if edge := w.cfg.API.Edge; edge.HasForwarder() {
		variables[function.ForwarderSecretVariable] = w.core.origin.ForwarderARN()
		variables[function.ForwarderUntilVariable] = edge.ForwarderUntil.Format(time.RFC3339)
	}
	return variables
}

// newOriginDomain gives the API the host name that the edge calls. The API's own
// endpoint is closed, and CloudFront needs a host name that is known before the API is.
func newOriginDomain(stack awscdk.Stack, cfg config.Config, http awsapigatewayv2.HttpApi, stage awsapigatewayv2.HttpStage) {
	zone := hostedZone(stack, cfg)
	name := cfg.API.OriginDomain()
	domain := awsapigatewayv2.NewDomainName(stack, jsii.String("OriginDomain"), &awsapigatewayv2.DomainNameProps{
		DomainName:     jsii.String(name),
		Certificate:    newCertificate(stack, "OriginCertificate", name, zone),
		SecurityPolicy: awsapigatewayv2.SecurityPolicy_TLS_1_2,
	})
	awsapigatewayv2.NewApiMapping(stack, jsii.String("OriginMapping"), &awsapigatewayv2.ApiMappingProps{
		Api: http, DomainName: domain, Stage: stage,
	})
	if zone == nil {
		awscdk.NewCfnOutput(stack, jsii.String("OriginRecord"), &awscdk.CfnOutputProps{
			Description: jsii.String("Make " + name + " a CNAME of this name"),
			Value:       domain.RegionalDomainName(),
		})
		return
	}
	awsroute53.NewARecord(stack, jsii.String("OriginRecord"), &awsroute53.ARecordProps{
		Zone:       zone,
		RecordName: jsii.String(name + "."),
		Target: awsroute53.RecordTarget_FromAlias(awsroute53targets.NewApiGatewayv2DomainProperties(
			domain.RegionalDomainName(), domain.RegionalHostedZoneId())),
	})
}

// hostedZone returns the zone of the API's names, or nil if it is elsewhere.
func hostedZone(stack awscdk.Stack, cfg config.Config) awsroute53.IHostedZone {
	zone := cfg.API.Edge.Zone
	if zone.ID == "" {
		return nil
	}
	return awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String(zone.ID), ZoneName: jsii.String(zone.Name),
	})
}

// newCertificate makes a certificate of the name. Without a zone, the deployment waits
// until an operator has made the record that ACM asks for.
func newCertificate(stack awscdk.Stack, id, name string, zone awsroute53.IHostedZone) awscertificatemanager.ICertificate {
	return awscertificatemanager.NewCertificate(stack, jsii.String(id), &awscertificatemanager.CertificateProps{
		DomainName: jsii.String(name),
		Validation: awscertificatemanager.CertificateValidation_FromDns(zone),
	})
}
