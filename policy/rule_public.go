package policy

import (
	"maps"
	"slices"
)

var publicBucket = Rule{
	ID:    PublicBucket,
	Title: "Every bucket blocks public access, in all four ways",
	Why:   "One ACL or policy is otherwise enough to publish what is in it.",
	Fix:   "set BlockPublicAccess to BlockPublicAccess_BLOCK_ALL().",
	check: func(i *inspection) {
		for _, s := range i.stacks {
			for id, r := range s.ofType("AWS::S3::Bucket") {
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
		for _, s := range i.stacks {
			for _, id := range slices.Sorted(maps.Keys(s.resources)) {
				i.checkStatements(s, id)
			}
			for id, r := range s.ofType("AWS::Lambda::Permission") {
				p := r.Properties
				if p["Principal"] == "*" && p["SourceArn"] == nil && p["SourceAccount"] == nil && p["PrincipalOrgID"] == nil {
					i.report(s, id, "the permission lets everybody invoke the function")
				}
			}
			for id, r := range s.ofType("AWS::Lambda::Url") {
				if r.Properties["AuthType"] == "NONE" {
					i.report(s, id, "the function URL has the AuthType NONE")
				}
			}
		}
	},
}

// checkStatements looks at every policy statement in a resource, wherever its
// type keeps them.
func (i *inspection) checkStatements(s *stack, id string) {
	walk(s.resources[id].Properties, func(value any) {
		for _, statement := range list(at(value, "Statement")) {
			if at(statement, "Effect") == "Allow" && at(statement, "Condition") == nil && isEverybody(at(statement, "Principal")) {
				i.report(s, id, "statement %s allows everybody", text(at(statement, "Sid")))
			}
		}
	})
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
		for _, s := range i.stacks {
			for id, r := range s.ofType("AWS::EC2::SecurityGroup") {
				for _, rule := range list(r.Properties["SecurityGroupIngress"]) {
					i.checkIngress(s, id, rule)
				}
			}
			for id, r := range s.ofType("AWS::EC2::SecurityGroupIngress") {
				i.checkIngress(s, id, r.Properties)
			}
		}
	},
}

func (i *inspection) checkIngress(s *stack, id string, rule any) {
	if at(rule, "CidrIp") == "0.0.0.0/0" || at(rule, "CidrIpv6") == "::/0" {
		i.report(s, id, "the security group lets every address in (ports %s to %s)", text(at(rule, "FromPort")), text(at(rule, "ToPort")))
	}
}
