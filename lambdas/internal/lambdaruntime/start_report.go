package lambdaruntime

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errorreport"
)

// startRoute stands in a report in place of the route.
const startRoute = "start"

// startReportEvery is the time in which an environment reports one failed start. Lambda
// starts a new process in the environment for each request, so the time of the latest
// report is that of a file. Lambda keeps /tmp between these processes.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
const startReportEvery = time.Minute

// reportStart reports that the function could not start. It reports nothing for a
// process that is no function of the domain, or one whose failures are not reported.
func reportStart(ctx context.Context, domain function.Domain, name string, failure error) error {
	f, err := findFunction(domain, name)
	url := os.Getenv(function.ErrorReports.Variable())
	if err != nil || !f.ReportsErrors() || url == "" || reportedStart(f.Name, time.Now()) {
		return nil
	}
	config, err := awsConfig()
	if err != nil {
		return err
	}
	about := errorreport.Failure{Route: startRoute, Status: http.StatusInternalServerError, Code: apierror.Internal.Code}
	reporter := newReporter(config, url, f.Name)
	report, err := errorreport.New(ctx, reporter.source, failure, about)
	if err != nil {
		return err
	}
	return reporter.send(ctx, &pending{reports: []messaging.Message[function.ErrorReport]{{ID: report.ID, Body: report}}})
}

// reportedStart reports whether a start of the function was reported within
// startReportEvery, and notes that this one is.
func reportedStart(name string, now time.Time) bool {
	file := filepath.Join(os.TempDir(), "start-reported-"+name)
	if latest, err := os.Stat(file); err == nil && now.Sub(latest.ModTime()) < startReportEvery {
		return true
	}
	_ = os.WriteFile(file, nil, 0o600) // without the file, each start is reported
	_ = os.Chtimes(file, now, now)
	return false
}
