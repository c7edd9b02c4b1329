package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

var publicBucket = Rule{
	ID:    PublicBucket,
	Title: "Every bucket blocks public access, in all four ways",
	Why:   "One ACL or policy is otherwise enough to publish the objects.",
	Fix:   "set BlockPublicAccess to BlockPublicAccess_BLOCK_ALL().",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			for id, r := range s.OfType("AWS::S3::Bucket") {
				for _, way := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
					if !isTrue(at(r.Properties, "PublicAccessBlockConfiguration", way)) {
						i.report(s, id, "the bucket's PublicAccessBlockConfiguration lacks %s", way)
					}
				}
			}
		}
	},
}

var publicPrincipal = Rule{
	ID:    PublicPrincipal,
	Title: "No policy allows every principal without a condition",
	Why:   `Principal "*" means every caller, with or without an AWS account.`,
	Fix:   "name the principal, or add a condition that only the intended callers meet.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			eachUnconditionalStatement(s, func(id string, statement any) {
				if isWildcardPrincipal(at(statement, "Principal")) {
					i.report(s, id, "statement %s allows every principal", text(at(statement, "Sid")))
				}
			})
			for id, r := range s.OfType(permissionType) {
				if r.Properties["Principal"] == "*" && !hasSourceLimit(r) {
					i.report(s, id, "the permission lets every principal invoke the function")
				}
			}
			for id, r := range s.OfType("AWS::Lambda::Url") {
				if r.Properties["AuthType"] == "NONE" {
					i.report(s, id, "the function URL has the AuthType NONE")
				}
			}
		}
	},
}

// confusedDeputy leaves out roles, because a service assumes a role only for a
// principal that may pass the role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
var confusedDeputy = Rule{
	ID:    ConfusedDeputy,
	Title: "Every permission of an AWS service names the account or resource it acts for",
	Why:   "A service also acts for other AWS accounts that ask it to (the confused deputy problem).",
	Fix:   "set the permission's SourceArn or SourceAccount, or add a condition to the statement such as aws:SourceAccount.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			eachUnconditionalStatement(s, func(id string, statement any) {
				if service := at(statement, "Principal", "Service"); service != nil && s.Resources[id].Type != "AWS::IAM::Role" {
					i.report(s, id, "statement %s allows %s for any account", text(at(statement, "Sid")), text(service))
				}
			})
			for id, r := range s.OfType(permissionType) {
				if service, ok := servicePrincipal(r.Properties["Principal"]); ok && !hasSourceLimit(r) {
					i.report(s, id, "the permission lets %s invoke the function for any account", service)
				}
			}
		}
	},
}

const permissionType = "AWS::Lambda::Permission"

// hasSourceLimit reports whether a permission limits the accounts or resources that its
// principal acts for.
func hasSourceLimit(permission assembly.Resource) bool {
	p := permission.Properties
	return p["SourceArn"] != nil || p["SourceAccount"] != nil || p["PrincipalOrgID"] != nil
}

// servicePrincipal returns a permission's principal if it is an AWS service, and false
// if it is an account, an ARN or every principal. A service has the domain of its partition, such as
// amazonaws.com.cn, or a reference to the domain.
func servicePrincipal(principal any) (string, bool) {
	name, literal := principal.(string)
	if !literal {
		name = text(principal)
		return name, strings.Contains(name, "AWS::URLSuffix")
	}
	return name, strings.Contains(name, ".") && !strings.HasPrefix(name, "arn:")
}

// eachUnconditionalStatement visits every policy statement in the stack that allows
// actions without a condition, in any property of a resource.
func eachUnconditionalStatement(s *assembly.Stack, visit func(id string, statement any)) {
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		walk(s.Resources[id].Properties, func(value any) {
			for _, statement := range list(at(value, "Statement")) {
				if at(statement, "Effect") == "Allow" && at(statement, "Condition") == nil {
					visit(id, statement)
				}
			}
		})
	}
}

func isWildcardPrincipal(principal any) bool {
	return principal == "*" || slices.Contains(list(at(principal, "AWS")), any("*"))
}

var publicIngress = Rule{
	ID:    PublicIngress,
	Title: "No security group allows ingress from every address",
	Why:   "Clients reach a serverless backend through AWS's endpoints, so an open port only adds attack surface.",
	Fix:   "name the peer security group or the address range.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			for id, r := range s.OfType("AWS::EC2::SecurityGroup") {
				for _, rule := range list(r.Properties["SecurityGroupIngress"]) {
					i.checkIngress(s, id, rule)
				}
			}
			for id, r := range s.OfType("AWS::EC2::SecurityGroupIngress") {
				i.checkIngress(s, id, r.Properties)
			}
		}
	},
}

func (i *inspection) checkIngress(s *assembly.Stack, id string, rule any) {
	if at(rule, "CidrIp") == "0.0.0.0/0" || at(rule, "CidrIpv6") == "::/0" {
		i.report(s, id, "the security group allows every address (ports %s to %s)", text(at(rule, "FromPort")), text(at(rule, "ToPort")))
	}
}
