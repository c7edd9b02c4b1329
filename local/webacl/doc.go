// Package webacl evaluates the web ACLs of AWS WAF on this machine. It reads an
// AWS::WAFv2::WebACL from a CloudFormation template and decides about requests as
// AWS WAF would.
//
//	acl, err := webacl.New(template, "EdgeWebACL8A0B4AC4", webacl.Options{Managed: rules})
//	decision := acl.Evaluate(&webacl.Request{Address: address, Method: "POST", Path: "/goals"})
//
// Priorities, labels, scope-down statements, IP sets, size constraints, string and
// regular expression matches, custom responses and the part of a body that is
// inspected follow AWS's documentation. Four things differ:
//
//   - A rate-based rule acts at once. AWS WAF may take half a minute.
//   - A table of Options gives the country of an address, in place of AWS's database.
//   - Options.Managed finds the matches of managed rule groups, because AWS publishes
//     only the rules' names. Package webacl/crs has an implementation.
//   - New refuses what this package does not evaluate, such as CAPTCHA actions. So a
//     rule is never skipped without notice.
//
// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-processing.html
package webacl
