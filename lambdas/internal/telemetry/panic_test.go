package telemetry_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// panicking returns what Recovered makes of a panic in work.
func panicking(work func()) (recovered *telemetry.Panic) {
	defer func() {
		if value := recover(); value != nil {
			recovered = telemetry.Recovered(value)
		}
	}()
	work()
	return nil
}

func indexOutOfRange() { _ = []int{}[len(fmt.Sprint())] }

func nilPointer() {
	var p *profile
	_ = p.Email
}

func recursion(depth int) {
	if depth == 0 {
		panic("deep")
	}
	recursion(depth - 1)
}

func TestPanic_HasTextAndStack(t *testing.T) {
	for name, tc := range map[string]struct {
		work              func()
		text, kind, where string
	}{
		"a text":          {func() { recursion(0) }, "panic: deep", "string", "telemetry_test.recursion"},
		"an error":        {func() { panic(fs.ErrNotExist) }, "panic: file does not exist", "*errors.errorString", "TestPanic_HasTextAndStack.func2"},
		"an index":        {indexOutOfRange, "panic: runtime error: index out of range [0] with length 0", "runtime.boundsError", "telemetry_test.indexOutOfRange"},
		"a nil pointer":   {nilPointer, "panic: runtime error: invalid memory address or nil pointer dereference", "runtime.errorString", "telemetry_test.nilPointer"},
		"a person's data": {func() { panic(profile{Note: "Ada"}) }, "panic: a value of type telemetry_test.profile", "telemetry_test.profile", "func3"},
	} {
		t.Run(name, func(t *testing.T) {
			got := panicking(tc.work)
			if got.Error() != tc.text || got.Type() != tc.kind {
				t.Errorf("got %q of type %s", got.Error(), got.Type())
			}
			var calls []string
			for line := range strings.Lines(got.Stack()) {
				if !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, "runtime.") {
					calls = append(calls, strings.TrimSpace(line))
				}
			}
			if len(calls) == 0 || !strings.HasSuffix(calls[0], tc.where) || !strings.Contains(got.Stack(), "panic_test.go:") {
				t.Errorf("it is not in %s: %s", tc.where, got.Stack())
			}
		})
	}
}

func TestPanic_EndlessRecursion_HasBoundedStack(t *testing.T) {
	got := panicking(func() { recursion(10_000) })
	if calls := len(got.StackTrace()); calls == 0 || calls > 64 {
		t.Errorf("%d calls", calls)
	}
}

func TestPanic_WithError_DoesNotWrapIt(t *testing.T) {
	if errors.Is(panicking(func() { panic(fs.ErrNotExist) }), fs.ErrNotExist) {
		t.Error("the error is found through the panic")
	}
}
