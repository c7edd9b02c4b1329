package stacks

import (
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/applock"
	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/customauth"
	"github.com/expenzez/infrastructure/lambdas/devices"
	"github.com/expenzez/infrastructure/lambdas/health"
	"github.com/expenzez/infrastructure/lambdas/pretokengeneration"
	"github.com/expenzez/infrastructure/lambdas/profile"
	"github.com/expenzez/infrastructure/policy"
)

// Build adds every stack of the configured stage to the app. moduleDir is the
// folder of the project's go.mod, from which the functions are built. It panics,
// as CDK does, when a construct refuses its props or a function does not
// compile; the synth panics when a stack breaks a rule of package policy.
func Build(app awscdk.App, cfg config.Config, moduleDir string) {
	policy.Attach(app, &policy.Props{
		StatefulFile: filepath.Join(moduleDir, "stacks", "stateful", cfg.Stage+".json"),
		Disposable:   cfg.Data.Disposable,
	})
	email := newEmail(newStack(app, cfg, "mail", "The domain that e-mails come from"), cfg)
	coreStack := newStack(app, cfg, "core", "Keys, tables, secrets and the user pool with its triggers")
	core := newCore(coreStack, cfg, email)
	wiring := &wiring{cfg: cfg, core: core, moduleDir: moduleDir}
	wiring.addDomains(coreStack, customauth.Domain, pretokengeneration.Domain) // which the user pool names (docs/decisions/0013, 0017)

	apiStack := newStack(app, cfg, "api", "HTTP API, its authorizer and CORS")
	wiring.api = newAPI(apiStack, cfg, core)
	wiring.addDomains(apiStack, health.Domain)
	authStack := newStack(app, cfg, "auth", "Accounts, sign-in, profile, devices and the app lock")
	wiring.addDomains(authStack, auth.Domain, profile.Domain, devices.Domain, applock.Domain)
	stageStack := newStack(app, cfg, "api-stage", "The HTTP API's stage: throttles and access log")
	stageStack.AddStackDependency(authStack, jsii.String("API Gateway takes the throttles of routes that are there"))
	newAPIStage(stageStack, cfg, wiring.api.HttpApi, lambdas.Domains()...)
	newMonitoring(newStack(app, cfg, "monitoring", "Alarms, dashboards and whom they reach"), cfg, core, wiring.api, lambdas.Domains()...)
}

func newStack(app awscdk.App, cfg config.Config, name, description string) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(cfg.PhysicalName(name)), &awscdk.StackProps{
		Env:                   &awscdk.Environment{Account: jsii.String(cfg.Account), Region: jsii.String(cfg.Region)},
		Description:           jsii.String("Expenzez " + cfg.Stage + ": " + description),
		TerminationProtection: jsii.Bool(!cfg.Data.Disposable),
	})
	awscdk.Tags_Of(stack).Add(jsii.String("project"), jsii.String("expenzez"), nil)
	awscdk.Tags_Of(stack).Add(jsii.String("stage"), jsii.String(cfg.Stage), nil)
	return stack
}
