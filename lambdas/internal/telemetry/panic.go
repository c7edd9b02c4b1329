package telemetry

import (
	"fmt"
	"runtime"
	"strings"
)

// maxCalls is how many calls of a panic's stack are kept, the innermost first. It
// also bounds the stack of an endless recursion.
const maxCalls = 64

// Panic is a recovered panic as an error, with the stack of the call that panicked.
// It wraps nothing, even when the panic's value is an error, because a panic is the
// backend's fault and never a response for the client.
type Panic struct {
	value any
	stack []uintptr
}

// Recovered returns the value of recover as an error. Call it in the deferred
// function that recovers, where the panic's stack still exists.
func Recovered(value any) *Panic {
	stack := make([]uintptr, maxCalls)
	stack = stack[:runtime.Callers(2, stack)]
	for i, pc := range stack {
		if runtime.FuncForPC(pc-1).Name() == "runtime.gopanic" { // the frames above recover, the frames below panicked
			stack = stack[i+1:]
			break
		}
	}
	return &Panic{value, stack}
}

// Error returns the text of a panic with a text or an error. For any other value it
// returns the type only, because the fields may be personal data.
func (p *Panic) Error() string {
	switch value := p.value.(type) {
	case error:
		return "panic: " + value.Error()
	case string:
		return "panic: " + value
	default:
		return "panic: a value of type " + p.Type()
	}
}

// Type returns the type of what panic was called with, such as
// "runtime.boundsError".
func (p *Panic) Type() string { return fmt.Sprintf("%T", p.value) }

// StackTrace returns the program counters of the calls, the innermost first, in the
// form for runtime.CallersFrames. Error trackers look for a method of this name.
func (p *Panic) StackTrace() []uintptr { return p.stack }

// Stack returns the stack as text for the log: function, file and line of each call,
// the innermost first.
func (p *Panic) Stack() string {
	var text strings.Builder
	for frames := runtime.CallersFrames(p.stack); ; {
		frame, more := frames.Next()
		fmt.Fprintf(&text, "%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
		if !more {
			return text.String()
		}
	}
}
