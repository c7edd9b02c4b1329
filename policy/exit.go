package policy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// StackVariable is the environment variable that makes ExitOnFailure print the
// stack of the panic below the message. Any value except the empty one turns it on.
const StackVariable = "POLICY_STACK"

// ExitOnFailure ends an app's main function. Defer it right after making the app:
//
//	app := awscdk.NewApp(nil)
//	defer policy.ExitOnFailure(app)
//	…
//	app.Synth(nil)
//
// If a construct refuses its props or the synth fails, ExitOnFailure prints what is
// wrong, where, why, and the line that accepts the finding, and exits with status 1.
// It prints the stack of the panic only if StackVariable is set. For a runtime error
// of the app itself, such as a nil pointer, it panics again. If nothing failed, it
// closes jsii.
func ExitOnFailure(app awscdk.App) {
	reason := recover()
	var bug runtime.Error
	if err, ok := reason.(error); ok && errors.As(err, &bug) {
		panic(reason)
	}
	stack := string(debug.Stack())
	failed := printFailure(os.Stderr, reason, callSite(stack), synthReport(app))
	if failed && os.Getenv(StackVariable) != "" {
		fmt.Fprintf(os.Stderr, "\n%s", stack)
	}
	closeRuntime()
	if failed {
		os.Exit(1)
	}
}

// waitNoise is what jsii prints, without a line break, when two of its goroutines wait
// for its Node process and this one comes second. The process ended as it should.
var waitNoise = regexp.MustCompile(`Runtime process exited abnormally: (waitid: no child processes|exec: Wait was already called)`)

// closeRuntime ends jsii's Node process. It prints what jsii and the process write
// meanwhile, without waitNoise. os.Stderr stays replaced, since the goroutine may write
// after jsii.Close returned. What it writes then is lost: the app ends.
func closeRuntime() {
	read, write, err := os.Pipe()
	if err != nil {
		jsii.Close()
		return
	}
	stderr := os.Stderr
	os.Stderr = write
	rest := make(chan string)
	go func() {
		written, _ := io.ReadAll(read)
		rest <- string(written)
	}()
	jsii.Close()
	write.Close()
	fmt.Fprint(stderr, waitNoise.ReplaceAllString(<-rest, ""))
}

// failSynthContext is the context value that "cdk validate" sets to false, so that
// the CLI, and not the app, reports findings.
const failSynthContext = "@aws-cdk/core:failSynthOnValidationErrors"

// synthReport returns CDK's report of the app's synth. The report is empty if the
// synth must not fail.
func synthReport(app awscdk.App) (r *report) {
	defer func() {
		if recover() != nil { // jsii itself may have failed
			r = &report{}
		}
	}()
	if asked := app.Node().TryGetContext(jsii.String(failSynthContext)); asked == false || asked == "false" {
		return &report{}
	}
	return readReport(*app.Outdir())
}

// printFailure writes what failed and reports whether there was a failure.
func printFailure(w io.Writer, reason any, site string, r *report) bool {
	if reason == nil { // under a CDK CLI, CDK does not panic; the report alone shows a failure
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
// frame of the stack outside any library. It returns "" if there is none.
func callSite(stack string) string {
	_, stack, _ = strings.Cut(stack, "\npanic(")
	function := ""
	for line := range strings.Lines(stack) {
		file, isFile := strings.CutPrefix(line, "\t")
		if !isFile {
			function = line
			continue
		}
		if isLibraryFunction(function) || strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "/src/runtime/") {
			continue
		}
		site, _, _ := strings.Cut(file, " +")
		return strings.TrimSpace(site)
	}
	return ""
}

// isLibraryFunction reports whether a line of a stack names a function of this
// package or of package constructs.
func isLibraryFunction(function string) bool {
	const module = "github.com/expenzez/infrastructure/"
	return strings.HasPrefix(function, module+"policy.") || strings.HasPrefix(function, module+"constructs.") || strings.HasPrefix(function, "panic(")
}
