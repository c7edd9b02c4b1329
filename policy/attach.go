package policy

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/expenzez/infrastructure/constructs"
)

// Pack is a rule pack of cdk-nag.
type Pack string

// The packs. PCI DSS 3.2.1 was retired in March 2024 and replaced by 4.0, which
// cdk-nag lacks. https://github.com/cdklabs/cdk-nag/blob/main/RULES.md
const (
	AwsSolutions  Pack = "AwsSolutions"
	NIST80053R5   Pack = "NIST.800.53.R5"
	HIPAASecurity Pack = "HIPAA.Security"
	PCIDSS321     Pack = "PCI.DSS.321"
)

// Props are the props of Attach.
type Props struct {
	// StatefulFile is the committed list of the logical ids and names of the
	// resources that hold data. Each stage has its own file. A synth with the
	// environment variable POLICY_UPDATE set writes the file. Required unless
	// Disposable.
	StatefulFile string
	// Packs are the rule packs of cdk-nag. Default: AwsSolutions and
	// NIST80053R5.
	Packs []Pack
	// MaxResources is the maximum number of resources in a stack, at most 500.
	// Default: 400.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
	MaxResources int
	// PassedDir is a folder that remembers which templates CDK's validator found
	// nothing in. The validator takes most of a synth's time and is left out while the
	// templates, the acceptances, the app's executable and its context are the same.
	// Under CI, where the variable CI is set, it always runs. Default: none, it always
	// runs.
	PassedDir string
	// Disposable says that the app's data may be lost. Tables then need neither
	// deletion protection nor a retain policy. Default: false.
	Disposable bool
}

// requiredFlags are the feature flags that turn findings into failures: findings of
// the validator, and those of cdk-nag, which are annotations. CDK reads both flags
// from the app's context: the cdk CLI passes that of cdk.json, and AppProps has one.
var requiredFlags = []string{
	"@aws-cdk/core:validateAgainstDefaultRules",
	"@aws-cdk/core:annotationsInValidationReport",
}

// Attach checks the app against the rules at every synth. app.Synth then panics with
// every finding that is not accepted. Call Attach right after making the app: when it
// is called later, CDK prints the findings above the panic. [ExitOnFailure] prints
// the findings alone. Attach panics with a *constructs.PropsError on invalid props,
// and if a feature flag that turns findings into failures is off.
//
// CDK_VALIDATION=false in the environment skips CDK's own validator, which takes most
// of a synth's time. The variable is meant for tests.
func Attach(app awscdk.App, props *Props) {
	p := props.withDefaults()
	if bad := p.problems(app); len(bad) > 0 {
		panic(&constructs.PropsError{Construct: "policy.Attach", Path: *app.Node().Path(), Problems: bad})
	}
	showFindingsInPanic(app)
	addPacks(app, p.Packs)
	stages := newStagePacks(app, p.Packs)
	app.Node().AddValidation(stages)
	if os.Getenv("CDK_VALIDATION") != "false" {
		awscdk.Validations_Of(app).AddPlugins(newValidator(*app.Outdir(), rememberIn(p.PassedDir)))
	}
	awscdk.Validations_Of(app).AddPlugins(&plugin{dir: *app.Outdir(), props: p, stages: stages})
}

// addPacks makes cdk-nag check every resource in an app or a Stage.
func addPacks(scope awscdk.Stage, chosen []Pack) {
	for _, pack := range chosen {
		awscdk.Aspects_Of(scope).Add(packs[pack](&cdknag.NagPackProps{
			Verbose: jsii.Bool(true),
			Reports: jsii.Bool(false), // CDK's validation report has the same findings
		}), nil)
	}
}

// appModeContext tells CDK how to report findings. With "inmemory", the panic of the
// synth contains the findings.
const appModeContext = "@aws-cdk/core:appMode"

// showFindingsInPanic sets appModeContext if the app is still empty, because CDK
// refuses context later.
func showFindingsInPanic(app awscdk.App) {
	if len(*app.Node().Children()) == 0 && app.Node().TryGetContext(jsii.String(appModeContext)) == nil {
		app.Node().SetContext(jsii.String(appModeContext), "inmemory")
	}
}

var packs = map[Pack]func(*cdknag.NagPackProps) awscdk.IAspect{
	AwsSolutions:  func(p *cdknag.NagPackProps) awscdk.IAspect { return cdknag.NewAwsSolutionsChecks(p) },
	NIST80053R5:   func(p *cdknag.NagPackProps) awscdk.IAspect { return cdknag.NewNIST80053R5Checks(p) },
	HIPAASecurity: func(p *cdknag.NagPackProps) awscdk.IAspect { return cdknag.NewHIPAASecurityChecks(p) },
	PCIDSS321:     func(p *cdknag.NagPackProps) awscdk.IAspect { return cdknag.NewPCIDSS321Checks(p) },
}

func (p *Props) withDefaults() Props {
	var d Props
	if p != nil {
		d = *p
	}
	if len(d.Packs) == 0 {
		d.Packs = []Pack{AwsSolutions, NIST80053R5}
	}
	if d.MaxResources == 0 {
		d.MaxResources = 400
	}
	return d
}

func (p *Props) problems(app awscdk.App) []constructs.Problem {
	var bad []constructs.Problem
	require := func(ok bool, prop, format string, args ...any) {
		if !ok {
			bad = append(bad, constructs.Problem{Prop: prop, Message: fmt.Sprintf(format, args...)})
		}
	}
	require(p.StatefulFile != "" || p.Disposable, "StatefulFile", "is missing; name the file to commit, or set Disposable")
	for i, pack := range p.Packs {
		require(packs[pack] != nil, fmt.Sprintf("Packs[%d]", i), "is %q; use one of the Pack constants", pack)
	}
	require(p.MaxResources >= 1 && p.MaxResources <= 500, "MaxResources", "is %d; CloudFormation allows 1 to 500", p.MaxResources)
	for _, flag := range requiredFlags {
		on := app.Node().TryGetContext(jsii.String(flag))
		require(on == true || on == "true", "app", "has the feature flag %s off; set it to true in cdk.json (read by the cdk CLI, not by `go run`) or in AppProps.Context", flag)
	}
	return bad
}
