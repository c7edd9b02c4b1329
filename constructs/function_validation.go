package constructs

import (
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"
)

func (p *LeastPrivilegeFunctionProps) withDefaults() LeastPrivilegeFunctionProps {
	d := valueOrZero(p)
	d.Handler = orDefault(d.Handler, d.Name)
	d.Architecture = orDefault(d.Architecture, ARM64)
	d.MemoryMB = orDefault(d.MemoryMB, 256)
	d.Timeout = orDefault(d.Timeout, 10*time.Second)
	d.EphemeralStorageMB = orDefault(d.EphemeralStorageMB, minEphemeralStorageMB)
	d.Async = d.Async.withDefaults()
	d.LogLevel = orDefault(d.LogLevel, LogInfo)
	d.LogRetentionDays = orDefault(d.LogRetentionDays, defaultLogRetentionDays)
	return d
}

var (
	functionNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
	handlerPattern = regexp.MustCompile(`^\S{1,128}$`)
)

// Limits of a function.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	minMemoryMB           = 128
	maxMemoryMB           = 10240
	minEphemeralStorageMB = 512
	maxEphemeralStorageMB = 10240
	maxTimeout            = 15 * time.Minute
	maxEnvironmentBytes   = 4096
	maxDescriptionLength  = 256
)

func (p *LeastPrivilegeFunctionProps) validate() problems {
	var bad problems
	bad.require(functionNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 64 letters, digits, and - _", p.Name)
	bad.require(utf8.RuneCountInString(p.Description) <= maxDescriptionLength, "Description", "has %d characters; Lambda allows %d", utf8.RuneCountInString(p.Description), maxDescriptionLength)
	bad.require(p.Code != nil, "Code", "is missing; give a GoBundle or a BootstrapFolder")
	bad.require(p.Handler == "" || handlerPattern.MatchString(p.Handler), "Handler", "is %q; use 1 to 128 characters without spaces", p.Handler)
	checkGrants(p.Grants, &bad)
	bad.require(p.RoleName == "" || roleNamePattern.MatchString(p.RoleName), "RoleName",
		"is %q; use 1 to 64 letters, digits, and _ + = , . @ -", p.RoleName)
	bad.require(oneOf(p.Architecture, ARM64, X8664), "Architecture", "is %q; use ARM64 or X8664", p.Architecture)
	bad.require(p.MemoryMB >= minMemoryMB && p.MemoryMB <= maxMemoryMB, "MemoryMB",
		"is %d; Lambda allows %d to %d", p.MemoryMB, minMemoryMB, maxMemoryMB)
	bad.require(p.Timeout >= time.Second && p.Timeout <= maxTimeout && p.Timeout%time.Second == 0, "Timeout",
		"is %s; use whole seconds from 1s to %s", p.Timeout, maxTimeout)
	bad.require(p.ReservedConcurrency >= 0, "ReservedConcurrency", "is %d; use 0 for none, or more", p.ReservedConcurrency)
	// https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
	bad.require(p.ProvisionedConcurrency >= 0, "ProvisionedConcurrency", "is %d; use 0 for none, or more", p.ProvisionedConcurrency)
	bad.require(p.ReservedConcurrency <= 0 || p.ProvisionedConcurrency <= p.ReservedConcurrency, "ProvisionedConcurrency",
		"is %d, more than the %d reserved of which it is a part", p.ProvisionedConcurrency, p.ReservedConcurrency)
	bad.require(oneOf(p.AliasOwner, OwnedByStack, OwnedByRelease), "AliasOwner", "is %q; use OwnedByStack or OwnedByRelease", p.AliasOwner)
	bad.require(p.AliasOwner != OwnedByRelease || p.ProvisionedConcurrency == 0, "ProvisionedConcurrency",
		"is %d with OwnedByRelease, whose alias CloudFormation never updates; use OwnedByStack", p.ProvisionedConcurrency)
	bad.require(p.EphemeralStorageMB >= minEphemeralStorageMB && p.EphemeralStorageMB <= maxEphemeralStorageMB, "EphemeralStorageMB",
		"is %d; Lambda allows %d to %d", p.EphemeralStorageMB, minEphemeralStorageMB, maxEphemeralStorageMB)
	p.Async.check(&bad)
	checkEnvironment(p.Environment, &bad)
	bad.require(oneOf(p.LogLevel, LogTrace, LogDebug, LogInfo, LogWarn, LogError, LogFatal), "LogLevel",
		"is %q; use one of the LogLevel constants", p.LogLevel)
	bad.requireRetention("LogRetentionDays", p.LogRetentionDays)
	if n := p.Network; n != nil {
		bad.require(n.Vpc != nil, "Network.Vpc", "is missing; give the VPC of the subnets")
		bad.require(n.Subnets != nil, "Network.Subnets", "are missing; choose private or isolated subnets")
		bad.requireWithin(groupsOfFunction, "Network.SecurityGroups", len(n.SecurityGroups), "join the rules of some groups")
		bad.require(len(n.SecurityGroups) > 0, "Network.SecurityGroups", "are missing; give a group that allows only what the function needs")
	}
	return bad
}

func checkGrants(grants []Grant, bad *problems) {
	for i, g := range grants {
		g.check(fmt.Sprintf("Grants[%d]", i), bad)
	}
}

// codeFolder builds the code if the props have no other problem.
func (p *LeastPrivilegeFunctionProps) codeFolder(bad *problems) string {
	if len(*bad) > 0 {
		return ""
	}
	folder, err := p.Code.Folder(p.Architecture)
	bad.require(err == nil, "Code", "%v", err)
	return folder
}
