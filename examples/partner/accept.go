package main

import (
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/expenzez/infrastructure/policy"
)

// The acceptances are those that the pages of the constructs list under "Policy".
var (
	guardAcceptances = map[string]string{
		"AwsSolutions-SMG4":                            rotatedByDeployment,
		"HIPAA.Security-SecretsManagerRotationEnabled": rotatedByDeployment,
		"NIST.800.53.R5-SecretsManagerRotationEnabled": rotatedByDeployment,
	}
	edgeAcceptances = map[string]string{
		"AwsSolutions-CFR1":                          "The web ACL decides by country, and answers 400 where CloudFront would answer 403.",
		"AwsSolutions-CFR3":                          "Access logs are delivered to CloudWatch Logs; cdk-nag looks for the older way to S3.",
		"HIPAA.Security-CloudWatchLogGroupEncrypted": logsWithoutPeople,
		"NIST.800.53.R5-CloudWatchLogGroupEncrypted": logsWithoutPeople,
		"PCI.DSS.321-CloudWatchLogGroupEncrypted":    logsWithoutPeople,
	}
)

const (
	rotatedByDeployment = "The edge shows one version by its id, which a deployment changes when an operator rotates."
	logsWithoutPeople   = "CloudWatch Logs encrypts the events with a key of its own, and no personal data is logged."
)

func accept(scope constructs.IConstruct, reasons map[string]string) {
	for rule, reason := range reasons {
		policy.Accept(scope, rule, reason)
	}
}
