package function

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The environment variables that every function may be given, beside one for
// each table (tables.Table.Variable) and key (Key.Variable) it has a right to.
const (
	UserPoolVariable       = "USER_POOL_ID"
	UserPoolClientVariable = "USER_POOL_CLIENT_ID"
)

// Variable is the name of the environment variable through which a function
// that may use the key learns its ARN, such as KEY_FIELDS.
func (k Key) Variable() string {
	return "KEY_" + strings.ToUpper(string(k))
}

// Environment is what a function's declared rights give its service at cold
// start: the SDK configuration and the names of what it may use. Asking for
// something undeclared, or not set by the stack, is remembered and fails the
// start with every problem at once.
type Environment struct {
	// AWS is the SDK configuration to build clients from.
	AWS aws.Config

	function *Function
	lookup   func(string) (string, bool)
	problems []error
}

// NewEnvironment returns an environment that reads variables with lookup, which
// is os.LookupEnv in a deployed function.
func NewEnvironment(config aws.Config, lookup func(string) (string, bool)) *Environment {
	return &Environment{AWS: config, lookup: lookup}
}

// Table returns the physical name of a table.
func (e *Environment) Table(table *tables.Table) string {
	for _, grant := range e.function.Rights.Tables {
		if grant.Table == table {
			return e.variable(table.Variable())
		}
	}
	return e.undeclared("table " + table.Name)
}

// Key returns the ARN of an encryption key.
func (e *Environment) Key(key Key) string {
	for _, grant := range e.function.Rights.Keys {
		if grant.Key == key {
			return e.variable(key.Variable())
		}
	}
	return e.undeclared("key " + string(key))
}

// UserPool returns the id of the stage's user pool.
func (e *Environment) UserPool() string {
	if len(e.function.Rights.UserPool) == 0 {
		return e.undeclared("the user pool")
	}
	return e.variable(UserPoolVariable)
}

// UserPoolClient returns the client id of the user pool.
func (e *Environment) UserPoolClient() string {
	if !e.function.Rights.UserPoolClient {
		return e.undeclared("the user pool's client")
	}
	return e.variable(UserPoolClientVariable)
}

// Err returns everything that was asked for in vain, or nil.
func (e *Environment) Err() error { return errors.Join(e.problems...) }

func (e *Environment) variable(name string) string {
	value, ok := e.lookup(name)
	if !ok || value == "" {
		e.problems = append(e.problems, fmt.Errorf("environment variable %s is not set", name))
	}
	return value
}

func (e *Environment) undeclared(what string) string {
	e.problems = append(e.problems, fmt.Errorf("uses %s without declaring it in Rights", what))
	return ""
}
