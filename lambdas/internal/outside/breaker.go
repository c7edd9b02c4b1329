package outside

import (
	"context"
	"errors"
	"log/slog"
	"sync"
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
	byService map[string]*gobreaker.CircuitBreaker[*answer]
}{byService: map[string]*gobreaker.CircuitBreaker[*answer]{}}

func breakerOf(service string) *gobreaker.CircuitBreaker[*answer] {
	breakers.Lock()
	defer breakers.Unlock()
	breaker, ok := breakers.byService[service]
	if !ok {
		breaker = newBreaker(service)
		breakers.byService[service] = breaker
	}
	return breaker
}

// newBreaker returns a closed breaker. Every error of an attempt is a failure
// but one: that the caller gave up says nothing about the service.
func newBreaker(service string) *gobreaker.CircuitBreaker[*answer] {
	return gobreaker.NewCircuitBreaker[*answer](gobreaker.Settings{
		Name:        service,
		MaxRequests: 1,
		Timeout:     openFor,
		ReadyToTrip: func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= failuresToOpen },
		IsExcluded:  func(err error) bool { return errors.Is(err, context.Canceled) },
		OnStateChange: func(name string, from, to gobreaker.State) {
			slog.Warn("circuit breaker changed", "service", name, "from", from.String(), "to", to.String())
		},
	})
}

// refused reports whether the breaker did not let the attempt through.
func refused(err error) bool {
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
