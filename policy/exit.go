package policy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// StackVariable is the environment variable that makes ExitOnFailure print the
// stack of the panic below the message; any value but the empty one does.
const StackVariable = "POLICY_STACK"

// ExitOnFailure ends an app's main function. Defer it right after making the app:
//
//	app := awscdk.NewApp(nil)
//	defer policy.ExitOnFailure(app)
//	…
//	app.Synth(nil)
//
// If a construct refuses its props or the synth fails, it prints what is wrong,
// where, why, and the line that accepts it, and exits with status 1. The stack
// of the panic, which says nothing more, is left out unless StackVariable is
// set. A bug of the app itself, such as a nil pointer, panics on. Otherwise it
// closes jsii.
func ExitOnFailure(app awscdk.App) {
	reason := recover()
	var bug runtime.Error
	if err, ok := reason.(error); ok && errors.As(err, &bug) {
		panic(reason)
	}
	stack := string(debug.Stack())
	failed := printFailure(os.Stderr, reason, callSite(stack), reportOf(app))
	jsii.Close()
	if !failed {
		return
	}
	if os.Getenv(StackVariable) != "" {
		fmt.Fprintf(os.Stderr, "\n%s", stack)
	}
	os.Exit(1)
}

// leftToCLI is the context by which "cdk validate" asks CDK not to fail.
const leftToCLI = "@aws-cdk/core:failSynthOnValidationErrors"

// reportOf returns CDK's report of the app's synth, empty if there is none to fail on.
func reportOf(app awscdk.App) (r *report) {
	defer func() {
		if recover() != nil { // the failure to report may be that of jsii itself
			r = &report{}
		}
	}()
	if asked := app.Node().TryGetContext(jsii.String(leftToCLI)); asked == false || asked == "false" {
		return &report{}
	}
	return readReport(*app.Outdir())
}

// printFailure writes what failed, and reports whether anything did.
func printFailure(w io.Writer, reason any, site string, r *report) bool {
	if reason == nil { // as a process of a CDK CLI, CDK leaves failing to the report alone
		return r.print(w)
	}
	message := strings.TrimSpace(fmt.Sprint(reason))
	if strings.Contains(message, reportFile) && r.print(w) {
		return true
	}
	fmt.Fprintln(w, message)
	if site != "" {
		fmt.Fprintln(w, "  at", site)
	}
	return true
}

// callSite returns the file and line of the app that led to the panic: the first
// in the stack that is of no library. It returns "" if there is none.
func callSite(stack string) string {
	_, stack, _ = strings.Cut(stack, "\npanic(")
	function := ""
	for line := range strings.Lines(stack) {
		file, isFile := strings.CutPrefix(line, "\t")
		if !isFile {
			function = line
			continue
		}
		if ofLibrary(function) || strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "/src/runtime/") {
			continue
		}
		site, _, _ := strings.Cut(file, " +")
		return strings.TrimSpace(site)
	}
	return ""
}

// ofLibrary reports whether a line of a stack names a function of this package
// or of package constructs.
func ofLibrary(function string) bool {
	const module = "github.com/expenzez/infrastructure/"
	return strings.HasPrefix(function, module+"policy.") || strings.HasPrefix(function, module+"constructs.") || strings.HasPrefix(function, "panic(")
}
