package lambdaruntime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	goruntime "runtime"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/connections"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/tracing"
)

// initTimeout bounds all the work at start together. Lambda ends an initialisation
// after 10 s.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
const initTimeout = 8 * time.Second

// warmUpTimeout is how long optional work may delay a start. A handshake and a call
// take milliseconds within a region. Slower work is left to the first request.
const warmUpTimeout = 500 * time.Millisecond

// Start runs the function of the domain that Lambda's _HANDLER names. It never returns:
// when the function cannot start, it logs the cause and exits with status 1.
func Start(domain function.Domain) {
	logger := telemetry.NewLogger(os.Stdout, os.Getenv("AWS_LAMBDA_LOG_LEVEL"))
	slog.SetDefault(logger) // for lines without a request, such as a breaker that opens
	ctx, name := context.Background(), os.Getenv("_HANDLER")
	failure := start(ctx, domain, name)
	logger.Error("start failed", "error", failure.Error())
	if err := reportStart(ctx, domain, name, failure); err != nil {
		logger.Warn("error report failed", "error", err.Error())
	}
	os.Exit(1)
}

// start runs the function. It returns only when the function cannot start or its loop
// has ended, and its error is never nil.
func start(ctx context.Context, domain function.Domain, name string) (err error) {
	defer recoverPanic(&err)
	f, err := findFunction(domain, name)
	if err != nil {
		return err
	}
	cfg, err := awsConfig()
	if err != nil {
		return err
	}
	tracer, err := tracing.New(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), f.Name, cfg)
	if err != nil {
		return err
	}
	tracer.Instrument(&cfg)
	resources := function.NewResources(cfg, os.LookupEnv)
	resources.Transport = tracer.RoundTripper
	handler, err := NewHandler(f, resources, NewTelemetry(os.Stdout, f.Name, os.Getenv("AWS_LAMBDA_LOG_LEVEL"), tracer))
	if err != nil {
		return err
	}
	endpoints := append(resources.Endpoints(), os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"))
	if err := prepare(ctx, resources, endpoints); err != nil {
		return err
	}
	handler.warmUp()
	goruntime.GC() // otherwise the garbage of the start is collected during the first request
	handler.telemetry.Metrics.ColdStart()
	lambda.StartWithOptions(handler, lambda.WithContext(ctx))
	return errors.New("the runtime loop has ended")
}

// prepare does the required work of the start within initTimeout. In parallel it
// opens connections to the endpoints and does optional work, within warmUpTimeout.
// Failures of the optional work are ignored.
func prepare(ctx context.Context, resources *function.Resources, endpoints []string) error {
	ctx, cancel := context.WithTimeout(ctx, initTimeout)
	defer cancel()
	ahead, cancelAhead := context.WithTimeout(ctx, warmUpTimeout)
	defer cancelAhead()
	var all sync.WaitGroup
	all.Go(func() { connections.Open(ahead, endpoints...) })
	all.Go(func() { resources.WorkAhead(ahead) })
	defer all.Wait()
	return resources.Start(ctx)
}

func findFunction(domain function.Domain, name string) (*function.Function, error) {
	for _, f := range domain.Functions {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("_HANDLER is %q, which is no function of the domain %q", name, domain.Name)
}
