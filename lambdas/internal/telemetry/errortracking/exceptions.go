package errortracking

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/getsentry/sentry-go"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

const (
	// maxErrors is how many errors of a chain are sent, the outermost first.
	maxErrors = 10
	// ours begins the import path of every package of the backend.
	ours = "github.com/expenzez/infrastructure/"
)

// exceptions returns the failure's chain of errors in Sentry's order: the innermost
// first. The last one is the title, and its text is the failure's whole text.
func exceptions(failure error) []sentry.Exception {
	failure = cause(failure)
	chain := links(failure)
	list := make([]sentry.Exception, len(chain))
	for i, link := range chain {
		list[i] = sentry.Exception{Type: kind(link), Value: clean(link.Error()), Stacktrace: stack(link)}
		if _, panicked := link.(*telemetry.Panic); panicked {
			list[i].Mechanism = &sentry.Mechanism{Type: "panic", Handled: new(bool)}
		}
	}
	list[0].Value = clean(failure.Error())
	slices.Reverse(list)
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

// kind identifies an error without its text, which may have ids in it. It is the type
// and, where errors of a service share a type, the service's code.
func kind(err error) string {
	if panicked, ok := err.(*telemetry.Panic); ok {
		return "panic " + panicked.Type()
	}
	if coded, ok := err.(interface{ ErrorCode() string }); ok { // errors of AWS
		return fmt.Sprintf("%T %s", err, coded.ErrorCode())
	}
	return fmt.Sprintf("%T", err)
}

// fingerprint groups failures into issues by route, by code and by the kinds of the
// errors. Panics are grouped by the function that panicked.
// https://docs.sentry.io/concepts/data-management/event-grouping/
func fingerprint(about Event, list []sentry.Exception) []string {
	parts := []string{about.Route, about.Code}
	for _, exception := range slices.Backward(list) {
		parts = append(parts, exception.Type)
		if exception.Mechanism != nil {
			parts = append(parts, place(exception.Stacktrace))
		}
	}
	return parts
}

// place returns the innermost function of the backend. It leaves out the line,
// because every change above the line moves it.
func place(stack *sentry.Stacktrace) string {
	if stack == nil {
		return ""
	}
	for _, frame := range slices.Backward(stack.Frames) {
		if frame.InApp {
			return frame.Module + "." + frame.Function
		}
	}
	return ""
}

// stack returns the stack of an error that has one, as panics do, and otherwise nil.
// sentry-go would look for the source files on the machine that runs the binary.
// Lambda has no source files, and paths of a developer's machine must not be sent.
func stack(err error) *sentry.Stacktrace {
	stack := sentry.ExtractStacktrace(err)
	if stack == nil {
		return nil
	}
	for i := range stack.Frames {
		frame := &stack.Frames[i]
		frame.InApp = strings.HasPrefix(frame.Module, ours)
		if frame.AbsPath != "" {
			frame.Filename = frame.Module + "/" + path.Base(frame.AbsPath)
			frame.AbsPath = ""
		}
	}
	return stack
}
