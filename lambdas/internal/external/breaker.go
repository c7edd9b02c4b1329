package external

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// When a breaker opens, and for how long. A half-open breaker lets one probe through.
const (
	failuresToOpen = 5
	openFor        = time.Minute
)

// breakers outlive requests, so a warm environment remembers failures of a service.
var breakers = struct {
	sync.Mutex
	byService map[string]*breaker
	now       func() time.Time // the wall clock
}{byService: map[string]*breaker{}, now: func() time.Time { return time.Now().Round(0) }}

// breaker is a gobreaker with the wall-clock time at which it opened. gobreaker uses
// the monotonic clock, which stops while Lambda has the environment frozen, so its
// minute could last hours.
type breaker struct {
	*gobreaker.CircuitBreaker[*bufferedResponse]
	opened atomic.Int64 // in epoch nanoseconds
}

// breakerOf returns the service's breaker. When a breaker's time is up by the wall
// clock, a new half-open breaker replaces it. The new breaker opens again at the
// first failure, unless a success comes first.
func breakerOf(service string) *breaker {
	breakers.Lock()
	defer breakers.Unlock()
	current, known := breakers.byService[service]
	if !known {
		current = newBreaker(service, false)
	} else if current.overdue() {
		slog.Warn("circuit breaker changed", "service", service, "from", gobreaker.StateOpen.String(), "to", gobreaker.StateHalfOpen.String())
		current = newBreaker(service, true)
	}
	breakers.byService[service] = current
	return current
}

func (b *breaker) overdue() bool {
	return b.State() == gobreaker.StateOpen && breakers.now().Sub(time.Unix(0, b.opened.Load())) > openFor
}

// newBreaker returns a closed breaker. Every error of an attempt is a failure, except
// a caller that gives up, which says nothing about the service.
func newBreaker(service string, probing bool) *breaker {
	made := &breaker{}
	made.CircuitBreaker = gobreaker.NewCircuitBreaker[*bufferedResponse](gobreaker.Settings{
		Name:        service,
		MaxRequests: 1,
		Timeout:     openFor,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= failuresToOpen || probing && counts.TotalSuccesses == 0
		},
		IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
		OnStateChange: func(name string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				made.opened.Store(breakers.now().UnixNano())
			}
			slog.Warn("circuit breaker changed", "service", name, "from", from.String(), "to", to.String())
		},
	})
	return made
}

// isBreakerOpen reports whether the breaker refused the attempt.
func isBreakerOpen(err error) bool {
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
}

// ResetBreakers closes every breaker. It is for tests, which share the breakers of
// the process.
func ResetBreakers() {
	breakers.Lock()
	defer breakers.Unlock()
	clear(breakers.byService)
}

// Breakers returns for each service that this environment has called whether its
// breaker is open.
func Breakers() map[string]bool {
	breakers.Lock()
	defer breakers.Unlock()
	open := make(map[string]bool, len(breakers.byService))
	for service, breaker := range breakers.byService {
		open[service] = breaker.State() == gobreaker.StateOpen
	}
	return open
}
