package stacks

import (
	"context"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

type goalService struct{}

func (goalService) List(context.Context, function.Caller, function.NoInput) (string, error) {
	return "", nil
}
func (goalService) Rotate(context.Context, function.RotationStep) error       { return nil }
func (goalService) Challenge(_ context.Context, event string) (string, error) { return event, nil }

func goalFunction(spec function.Spec[goalService]) *function.Function {
	spec.Name = "goals"
	return function.Define(spec)
}

func TestDomainsByStack_WrongStack_IsReported(t *testing.T) {
	list := goalFunction(function.Spec[goalService]{
		Routes: []function.RouteOf[goalService]{function.SignedIn("GET /goals", goalService.List)},
	})
	rotate := goalFunction(function.Spec[goalService]{
		Events: []function.EventOf[goalService]{function.OnSecretRotation(secrets.JWT, goalService.Rotate)},
	})
	challenge := goalFunction(function.Spec[goalService]{
		Events: []function.EventOf[goalService]{function.OnUserPoolTrigger(function.DefineAuthChallenge, goalService.Challenge)},
	})
	for name, c := range map[string]struct {
		stack function.Stack
		f     *function.Function
		want  string
	}{
		"unknown stack":           {"goals", list, `domain "goals": stack "goals" is not built: add it to domainStacks in stacks/domain_stacks.go`},
		"no stack":                {"", list, `domain "goals": stack "" is not built: add it to domainStacks in stacks/domain_stacks.go`},
		"routes before the API":   {function.StackCore, list, `function "goals": has routes, but stack core is built before the API`},
		"rotation after core":     {function.StackAuth, rotate, `function "goals": a resource of stack core invokes it, so its domain must name stack core instead of auth`},
		"pool trigger after core": {function.StackAPI, challenge, `function "goals": a resource of stack core invokes it, so its domain must name stack core instead of api`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := domainsByStack([]function.Domain{{Name: "goals", Stack: c.stack, Functions: []*function.Function{c.f}}})
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestDomainsByStack_Backend_KeepsOrderAndLosesNoDomain(t *testing.T) {
	byStack, err := domainsByStack(lambdas.Domains())
	if err != nil {
		t.Fatal(err)
	}
	names := map[function.Stack]string{}
	count := 0
	for stack, domains := range byStack {
		for _, domain := range domains {
			names[stack] += domain.Name + " "
			count++
		}
	}
	if names[function.StackCore] != "errorreports customauth pretokengeneration " {
		t.Errorf("stack core has %s", names[function.StackCore])
	}
	if count != len(lambdas.Domains()) {
		t.Errorf("%d domains have a stack, of %d", count, len(lambdas.Domains()))
	}
}

func TestBuild_UnknownStack_FailsSynth(t *testing.T) {
	defer func() {
		err, _ := recover().(error)
		if err == nil || !strings.Contains(err.Error(), `domain "goals": stack "goals" is not built`) {
			t.Errorf("the synth ended with %v", err)
		}
	}()
	build(nil, config.Config{}, "", []function.Domain{{Name: "goals", Stack: "goals"}})
}
