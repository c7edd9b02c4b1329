package stacks

import (
	"errors"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/policy"
)

// Build adds every stack of the configured stage to the app. moduleDir is the
// folder of the project's go.mod, from which the functions are built. It panics,
// as CDK does, when a construct refuses its props, a domain names an unknown stack
// or a function does not compile; the synth panics when a stack breaks a rule of
// package policy.
func Build(app awscdk.App, cfg config.Config, moduleDir string) {
	build(app, cfg, moduleDir, lambdas.Domains())
}

func build(app awscdk.App, cfg config.Config, moduleDir string, domains []function.Domain) {
	byStack, err := domainsByStack(domains)
	if err := errors.Join(err, checkConcurrency(cfg, domains)); err != nil {
		panic(err)
	}
	policy.Attach(app, &policy.Props{
		StatefulFile: filepath.Join(moduleDir, "stacks", "stateful", cfg.Stage+".json"),
		PassedDir:    filepath.Join(moduleDir, ".build", "passed"),
		Disposable:   cfg.Data.Disposable,
	})
	network := newNetwork(app, cfg, domains)
	email := newEmail(newStack(app, cfg, "mail", "The domain that e-mails come from"), cfg)
	coreStack := newStack(app, cfg, string(function.StackCore), "Keys, tables, secrets and the user pool with its triggers")
	core := newCore(coreStack, cfg, email, domains)
	wiring := &wiring{cfg: cfg, network: network, core: core, moduleDir: moduleDir}
	wiring.addDomains(coreStack, byStack[function.StackCore]...)

	apiStack := newStack(app, cfg, string(function.StackAPI), "HTTP API, its authorizer and CORS")
	wiring.api = newAPI(apiStack, cfg, core)
	wiring.addDomains(apiStack, byStack[function.StackAPI]...)
	var withRoutes []awscdk.Stack
	for _, s := range domainStacks {
		if len(byStack[s.name]) > 0 {
			stack := newStack(app, cfg, string(s.name), s.description)
			wiring.addDomains(stack, byStack[s.name]...)
			withRoutes = append(withRoutes, stack)
		}
	}
	stageStack := newStack(app, cfg, "api-stage", "The HTTP API's stage: throttles and access log")
	for _, stack := range withRoutes {
		stageStack.AddStackDependency(stack, jsii.String("API Gateway takes the throttles of routes that are there"))
	}
	newAPIStage(stageStack, cfg, wiring.api.HttpApi, domains...)
	newEdge(newEdgeStack(app, cfg, coreStack, stageStack), cfg)
	newMonitoring(newStack(app, cfg, "monitoring", "Alarms, dashboards and whom they reach"), cfg, core, wiring.api, domains...)
	if cfg.Delivery.Repository != "" {
		newDelivery(newStack(app, cfg, "delivery", "Roles of the workflows, and the mailbox of their tests"), cfg, core.storage)
	}
	newGovernance(newStack(app, cfg, "governance", "Trail, findings, costs and copies of the tables"), cfg, core, aliases(byStack))
}

// aliases returns how many aliases each stack has: one for each function.
func aliases(byStack map[function.Stack][]function.Domain) map[function.Stack]int {
	count := map[function.Stack]int{}
	for stack, domains := range byStack {
		for _, domain := range domains {
			count[stack] += len(domain.Functions)
		}
	}
	return count
}

// newStack returns a stack in the stage's region.
func newStack(app awscdk.App, cfg config.Config, name, description string) awscdk.Stack {
	return newStackIn(app, cfg, cfg.Region, name, description)
}

func newStackIn(app awscdk.App, cfg config.Config, region, name, description string) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(cfg.PhysicalName(name)), &awscdk.StackProps{
		Env:                   &awscdk.Environment{Account: jsii.String(cfg.Account), Region: jsii.String(region)},
		Description:           jsii.String("Expenzez " + cfg.Stage + ": " + description),
		TerminationProtection: jsii.Bool(!cfg.Data.Disposable),
	})
	awscdk.Tags_Of(stack).Add(jsii.String("project"), jsii.String("expenzez"), nil)
	awscdk.Tags_Of(stack).Add(jsii.String("stage"), jsii.String(cfg.Stage), nil)
	return stack
}
