package auth

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// emailRequest is a request for an e-mail to an account that may not exist.
type emailRequest struct {
	// account is the name that the client sent.
	account string
	// send sends the e-mail if the account exists. Its error is logged and kept from the
	// client, because it would tell that the account exists.
	send func(ctx context.Context, account namedAccount) error
	// acknowledgement is the message of every response.
	acknowledgement string
}

// requestCounter is a service whose requests for e-mails are counted.
type requestCounter interface{ requestGuesses() *guesses }

// emailRoute declares a public route that sends an e-mail to an account if it exists.
// Every such route is declared by it. The route spends the stage's e-mails, counts the
// requests for the account, and has the same response and response time whether or not
// an e-mail is sent.
func emailRoute[S requestCounter, In any](key string, useCase func(S, In) emailRequest) function.RouteOf[S] {
	return function.Public(key, emailUseCase(useCase), function.Spends(function.Emails))
}

// emailUseCase returns the use case of an emailRoute.
func emailUseCase[S requestCounter, In any](useCase func(S, In) emailRequest) func(S, context.Context, In) (function.SuccessResponse, error) {
	return padResponseTime(func(service S, ctx context.Context, in In) (function.SuccessResponse, error) {
		return sendIfAccountExists(ctx, service.requestGuesses(), useCase(service, in))
	})
}

// sendIfAccountExists finds the account, counts the request and sends the e-mail. An
// error before the e-mail is the response: up to there the calls are the same whether
// or not the account exists.
func sendIfAccountExists(ctx context.Context, guesses *guesses, request emailRequest) (function.SuccessResponse, error) {
	account, err := guesses.findAccount(ctx, request.account)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	if err := guesses.countMailRequest(ctx, account); err != nil {
		return function.SuccessResponse{}, err
	}
	if err := request.send(ctx, account); err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, "send requested e-mail failed", "error", err.Error())
	}
	return function.SuccessResponse{Success: true, Message: request.acknowledgement}, nil
}
