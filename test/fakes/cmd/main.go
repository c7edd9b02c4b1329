// Command cmd serves the fakes of all outside services on one loopback port, so
// that a local stage can call them:
//
//	go run ./test/fakes/cmd -addr 127.0.0.1:8091
//
// The services are below /openai, /revenuecat, /apple, /google and /sentry; the
// base URLs to configure are printed at start. What a test needs beside the services' own
// endpoints is below /-/:
//
//	PUT  /-/faults/{service}?fault=hanging   the fault from now on; empty ends it
//	GET  /-/apple/credentials                the app's secret at Apple, as JSON
//	POST /-/apple/sign-in?subject=001        {"identityToken", "authorizationCode"}
//	POST /-/google/sign-in?subject=108       {"idToken"}
//	PUT  /-/openai/answer                    what the model says: {"Text": "…"}
//	PUT  /-/revenuecat/customers             a customer, as in package revenuecat
//	GET  /-/sentry/events                    the events that arrived, as JSON
//
// The body of sign-in, when there is one, is a JSON object of claims to change.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("fakes", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8091", "loopback address to listen on")
	var app app
	flags.StringVar(&app.appleClientID, "apple-client-id", "com.expenzez.app", "the app's client id at Apple")
	flags.StringVar(&app.googleClientID, "google-client-id", "expenzez.apps.googleusercontent.com", "the app's client id at Google")
	flags.StringVar(&app.openAIKey, "openai-key", "sk-local", "the API key that OpenAI accepts")
	flags.StringVar(&app.revenueCatKey, "revenuecat-key", "sk_local", "the API key that RevenueCat accepts")
	flags.StringVar(&app.sentryKey, "sentry-key", "local", "the public key that Sentry accepts")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		_ = listener.Close()
		return fmt.Errorf("-addr %s: only a loopback address is served", *addr)
	}
	for _, path := range []string{"openai/v1", "revenuecat/v2", "apple", "google"} {
		fmt.Printf("http://%s/%s\n", listener.Addr(), path)
	}
	fmt.Printf("http://%s@%s/sentry/%s\n", app.sentryKey, listener.Addr(), sentry.Project)
	server := &http.Server{Handler: app.handler(), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
