package auth

import (
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
)

// eventSource is a service that records security events.
type eventSource interface {
	recorder() securityevents.EventRecorder
}

// disclosure returns the name of the account whose existence a response tells, as the
// client sent it. It returns "" for a response that does not tell.
type disclosure[In, Out any] func(in In, out Out, err error) (account string)

// disclosingRoute declares a public route whose responses tell clients whether an
// account exists, as the contract with the app requires. Every such route is declared
// by it. The route spends the disclosures of the source IP, and each response that
// tells is recorded.
func disclosingRoute[S eventSource, In, Out any](
	key string, useCase func(S, context.Context, In) (Out, error), discloses disclosure[In, Out], options ...function.RouteOption,
) function.RouteOf[S] {
	return function.Public(key, recordDisclosures(useCase, discloses), append(options, function.Spends(function.Disclosures))...)
}

// recordDisclosures returns the use case of a disclosingRoute.
func recordDisclosures[S eventSource, In, Out any](
	useCase func(S, context.Context, In) (Out, error), discloses disclosure[In, Out],
) func(S, context.Context, In) (Out, error) {
	return func(service S, ctx context.Context, in In) (Out, error) {
		out, err := useCase(service, ctx, in)
		if account := discloses(in, out, err); account != "" {
			event := securityevents.Event{Kind: securityevents.AccountDisclosed, Account: account}
			err = errors.Join(err, service.recorder().Record(ctx, event))
		}
		return out, err
	}
}
