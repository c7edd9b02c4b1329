package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// Start runs the function of the domain that Lambda's _HANDLER names. It
// returns only when the function cannot start, after logging why, with exit
// status 1.
func Start(domain function.Domain) {
	logger := telemetry.NewLogger(os.Stdout, os.Getenv("AWS_LAMBDA_LOG_LEVEL"))
	slog.SetDefault(logger) // for what logs without a request, such as a breaker that opens
	if err := start(context.Background(), domain, os.Getenv("_HANDLER"), logger); err != nil {
		logger.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
}

func start(ctx context.Context, domain function.Domain, name string, logger *slog.Logger) error {
	f, err := find(domain, name)
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	handler, err := NewHandler(f, function.NewEnvironment(cfg, os.LookupEnv), logger)
	if err != nil {
		return err
	}
	lambda.StartWithOptions(handler.Handle, lambda.WithContext(ctx))
	return errors.New("the runtime loop has ended")
}

func find(domain function.Domain, name string) (*function.Function, error) {
	for _, f := range domain.Functions {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("_HANDLER is %q, which is no function of the domain %q", name, domain.Name)
}
