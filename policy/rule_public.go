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
	Why:   "One ACL or policy is otherwise enough to publish what is in it.",
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
	Title: "Nothing is allowed to everybody without a condition",
	Why:   `Principal "*" means anybody with an AWS account, or without one.`,
	Fix:   "name the principal, or add a condition that only the intended callers meet.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			eachUnconditional(s, func(id string, statement any) {
				if isEverybody(at(statement, "Principal")) {
					i.report(s, id, "statement %s allows everybody", text(at(statement, "Sid")))
				}
			})
			for id, r := range s.OfType(permissionType) {
				if r.Properties["Principal"] == "*" && !isBound(r) {
					i.report(s, id, "the permission lets everybody invoke the function")
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

// serviceCaller leaves out roles: a service assumes a role only for who may pass it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
var serviceCaller = Rule{
	ID:    ServiceCaller,
	Title: "No AWS service is let in without saying for whom",
	Why:   "A service acts for whoever asks it, for a stranger's account too: it is a confused deputy.",
	Fix:   "set the permission's SourceArn or SourceAccount, or add a condition to the statement such as aws:SourceAccount.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			eachUnconditional(s, func(id string, statement any) {
				if service := at(statement, "Principal", "Service"); service != nil && s.Resources[id].Type != "AWS::IAM::Role" {
					i.report(s, id, "statement %s lets %s in for any account", text(at(statement, "Sid")), text(service))
				}
			})
			for id, r := range s.OfType(permissionType) {
				if service, ok := serviceOf(r.Properties["Principal"]); ok && !isBound(r) {
					i.report(s, id, "the permission lets %s invoke the function for any account", service)
				}
			}
		}
	},
}

const permissionType = "AWS::Lambda::Permission"

// isBound reports whether a permission says for whom its principal may call.
func isBound(permission assembly.Resource) bool {
	p := permission.Properties
	return p["SourceArn"] != nil || p["SourceAccount"] != nil || p["PrincipalOrgID"] != nil
}

// serviceOf returns a permission's principal where it is an AWS service, rather than
// an account, an ARN or everybody. A service has the domain of its partition, such as
// amazonaws.com.cn, or a reference to the domain.
func serviceOf(principal any) (string, bool) {
	name, literal := principal.(string)
	if !literal {
		name = text(principal)
		return name, strings.Contains(name, "AWS::URLSuffix")
	}
	return name, strings.Contains(name, ".") && !strings.HasPrefix(name, "arn:")
}

// eachUnconditional visits every policy statement in the stack that allows
// something without a condition, wherever its resource keeps it.
func eachUnconditional(s *assembly.Stack, visit func(id string, statement any)) {
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

func isEverybody(principal any) bool {
	return principal == "*" || slices.Contains(list(at(principal, "AWS")), any("*"))
}

var publicIngress = Rule{
	ID:    PublicIngress,
	Title: "No security group lets the whole internet in",
	Why:   "A serverless backend is reached through AWS's endpoints; an open port is only ever an attack surface.",
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
		i.report(s, id, "the security group lets every address in (ports %s to %s)", text(at(rule, "FromPort")), text(at(rule, "ToPort")))
	}
}
