package errorreport

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

const (
	// maxErrors is how many errors of a chain are sent, the outermost first.
	maxErrors = 10
	// maxCalls is how many calls of a stack are sent, the innermost.
	maxCalls = 32
	// Ours begins the import path of every package of the backend.
	Ours = "github.com/expenzez/infrastructure/"
)

// reportedErrors returns the failure's chain of errors, the outermost first. The first
// one's text is the failure's whole text.
func reportedErrors(failure error) []function.ReportedError {
	failure = cause(failure)
	chain := links(failure)
	list := make([]function.ReportedError, len(chain))
	for i, link := range chain {
		list[i] = function.ReportedError{Type: typeOf(link), Text: clean(link.Error())}
		if panicked, ok := link.(*telemetry.Panic); ok {
			list[i].Panicked, list[i].Calls = true, calls(panicked.StackTrace())
		}
	}
	list[0].Text = clean(failure.Error())
	return list
}

// cause returns the error behind the response. The response's code and status are
// tags.
func cause(failure error) error {
	if answer, ok := failure.(*apierror.Error); ok && answer.Unwrap() != nil {
		return answer.Unwrap()
	}
	return failure
}

// links returns the errors of a chain or tree, at least one, the outermost first. It
// leaves out errors that only add words, because a reworded message must not create a
// new issue.
func links(failure error) []error {
	var found []error
	var visit func(error)
	visit = func(err error) {
		if len(found) == maxErrors {
			return
		}
		inner := unwrap(err)
		if len(inner) == 0 || !addsWords(err) {
			found = append(found, err)
		}
		for _, next := range inner {
			visit(next)
		}
	}
	visit(failure)
	return found
}

func unwrap(err error) []error {
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		if inner := err.Unwrap(); inner != nil {
			return []error{inner}
		}
	case interface{ Unwrap() []error }:
		return slices.DeleteFunc(slices.Clone(err.Unwrap()), func(inner error) bool { return inner == nil })
	}
	return nil
}

// addsWords reports whether the error is one of fmt.Errorf or errors.Join.
func addsWords(err error) bool {
	switch fmt.Sprintf("%T", err) {
	case "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError":
		return true
	}
	return false
}

// typeOf identifies an error without its text, which may have ids in it. It is the type
// and, where errors of a service share a type, the service's code.
func typeOf(err error) string {
	if panicked, ok := err.(*telemetry.Panic); ok {
		return "panic " + panicked.Type()
	}
	if coded, ok := err.(interface{ ErrorCode() string }); ok { // errors of AWS
		return fmt.Sprintf("%T %s", err, coded.ErrorCode())
	}
	return fmt.Sprintf("%T", err)
}

// kindOf groups failures into issues by route, by code and by the types of the errors.
// Panics are grouped by the function that panicked.
// https://docs.sentry.io/concepts/data-management/event-grouping/
func kindOf(about Failure, list []function.ReportedError) []string {
	parts := []string{about.Route, about.Code}
	for _, reported := range list {
		parts = append(parts, reported.Type)
		if reported.Panicked {
			parts = append(parts, place(reported.Calls))
		}
	}
	return parts
}

// place returns the innermost function of the backend. It leaves out the line,
// because every change above the line moves it.
func place(stack []function.ReportedCall) string {
	for _, call := range stack {
		if strings.HasPrefix(call.Package, Ours) {
			return call.Package + "." + call.Function
		}
	}
	return ""
}

// calls returns the innermost calls of a stack. The folder of a file is left out, since
// it may be of the machine that built the binary.
func calls(stack []uintptr) (list []function.ReportedCall) {
	if len(stack) == 0 {
		return nil
	}
	for frames := runtime.CallersFrames(stack); len(list) < maxCalls; {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") {
			pkg, name := splitFunction(frame.Function)
			list = append(list, function.ReportedCall{Package: pkg, Function: name, File: path.Base(frame.File), Line: frame.Line})
		}
		if !more {
			break
		}
	}
	return list
}

// splitFunction splits "example.org/m/pkg.(*T).M" into "example.org/m/pkg" and "(*T).M".
func splitFunction(name string) (pkg, function string) {
	slash := strings.LastIndexByte(name, '/') + 1
	first, rest, _ := strings.Cut(name[slash:], ".")
	return strings.ReplaceAll(name[:slash], "%2e", ".") + strings.ReplaceAll(first, "%2e", "."), rest
}
