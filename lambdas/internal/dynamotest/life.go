package dynamotest

import (
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// ErrKilled is what an environment gets from a call after the end of its Life.
var ErrKilled = errors.New("killed")

// Life is the life of a function's environment that is killed at a call: that call arrives
// or not, no call after it does, and the environment gets no answer.
type Life struct {
	mu      sync.Mutex
	left    int
	arrives bool
}

// NewLife returns the life of an environment that is killed at its n-th call, from 1. With
// 0 it is never killed. arrives says whether that call arrives.
func NewLife(n int, arrives bool) *Life {
	if n == 0 {
		n = -1
	}
	return &Life{left: n, arrives: arrives}
}

// Call does a call of the environment to a service that a test stands in for.
func (l *Life) Call(do func() error) error {
	arrives, answered := l.next()
	if !arrives {
		return ErrKilled
	}
	err := do()
	if !answered {
		return ErrKilled
	}
	return err
}

func (l *Life) next() (arrives, answered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left < 0 {
		return true, true
	}
	l.left = max(l.left-1, 0)
	switch {
	case l.left > 0:
		return true, true
	case l.arrives:
		l.arrives = false
		return true, false
	}
	return false, false
}

// Client returns the client through which the environment reaches the engine.
func (l *Life) Client(t testing.TB) *dynamodb.Client {
	t.Helper()
	engine := Client(t)
	return dynamodb.New(engine.Options(), func(o *dynamodb.Options) {
		o.HTTPClient, o.Retryer = mortal{l, o.HTTPClient}, aws.NopRetryer{}
	})
}

type mortal struct {
	life *Life
	next dynamodb.HTTPClient
}

func (m mortal) Do(request *http.Request) (response *http.Response, err error) {
	err = m.life.Call(func() error {
		response, err = m.next.Do(request)
		return err
	})
	if err != nil && response != nil {
		_ = response.Body.Close()
		response = nil
	}
	return response, err
}
