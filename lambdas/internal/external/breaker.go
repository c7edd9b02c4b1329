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

// When a breaker opens, and for how long. Between open and closed it lets one
// probe through.
const (
	failuresToOpen = 5
	openFor        = time.Minute
)

// breakers outlive requests: a warm environment remembers what it learnt about
// a service.
var breakers = struct {
	sync.Mutex
	byService map[string]*breaker
	now       func() time.Time // the clock on the wall
}{byService: map[string]*breaker{}, now: func() time.Time { return time.Now().Round(0) }}

// breaker is gobreaker's, with when it opened by the clock on the wall. gobreaker
// goes by Go's own, which stands still while Lambda has the environment frozen:
// the minute could take it hours.
type breaker struct {
	*gobreaker.CircuitBreaker[*bufferedResponse]
	opened atomic.Int64 // in epoch nanoseconds
}

// breakerOf returns the service's breaker. One that is still open when its time is
// up on the wall gives way to a new one, which opens at the first failure unless
// there was a success.
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

// newBreaker returns a closed breaker. Every error of an attempt is a failure
// but one: that the caller gave up says nothing about the service.
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

// isBreakerOpen reports whether the breaker did not let the attempt through.
func isBreakerOpen(err error) bool {
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
}

// ResetBreakers closes every breaker. It is for tests, which share the process's
// breakers as the requests of a warm environment do.
func ResetBreakers() {
	breakers.Lock()
	defer breakers.Unlock()
	clear(breakers.byService)
}

// Breakers tells of each service that this environment has called whether its
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
