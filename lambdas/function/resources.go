package function

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The environment variables that every function may be given, beside one for
// each table (tables.Table.Variable), key (Key.Variable) and secret
// (secrets.Secret.Variable) it has a right to.
const (
	StageVariable          = "STAGE"
	UserPoolVariable       = "USER_POOL_ID"
	UserPoolClientVariable = "USER_POOL_CLIENT_ID"
)

// Variable is the name of the environment variable through which a function
// that may use the key learns its ARN, such as KEY_FIELDS.
func (k Key) Variable() string {
	return "KEY_" + strings.ToUpper(string(k))
}

// Variables returns the names of the environment variables that the function
// cannot start without.
func (f *Function) Variables() []string {
	names := []string{StageVariable}
	for _, grant := range f.Permissions.Tables {
		names = append(names, grant.Table.Variable())
	}
	for _, grant := range f.Permissions.Keys {
		names = append(names, grant.Key.Variable())
	}
	for _, secret := range f.Secrets() {
		names = append(names, secret.Variable())
	}
	for _, topic := range f.Permissions.Publishes {
		names = append(names, topic.Variable())
	}
	for _, setting := range f.Permissions.Settings {
		names = append(names, setting.Variable())
	}
	if len(f.Permissions.UserPool) > 0 {
		names = append(names, UserPoolVariable)
	}
	if f.Permissions.UserPoolClient {
		names = append(names, UserPoolClientVariable)
	}
	if f.Permissions.SendEmail {
		names = slices.AppendSeq(names, maps.Keys(emailtemplates.Settings{}.Variables()))
	}
	return names
}

// Resources is what a function's declared rights give its service at cold
// start: the SDK configuration and the names of what it may use. Asking for
// something undeclared, or not set by the stack, is remembered and fails the
// start with every problem at once.
type Resources struct {
	// AWS is the SDK configuration to build clients from.
	AWS aws.Config
	// Transport wraps the transport of every client of an external service, to
	// record its requests. It is never nil.
	Transport func(http.RoundTripper) http.RoundTripper

	function *Function
	lookup   func(string) (string, bool)
	problems []error
	onInit   []func(context.Context) error
	ahead    []func(context.Context) error
	shared   map[reflect.Type]any
}

// NewResources returns an environment that reads variables with lookup, which
// is os.LookupEnv in a deployed function.
func NewResources(config aws.Config, lookup func(string) (string, bool)) *Resources {
	return &Resources{AWS: config, lookup: lookup, Transport: func(next http.RoundTripper) http.RoundTripper { return next }}
}

// Table returns the physical name of a table.
func (e *Resources) Table(table *tables.Table) string {
	for _, grant := range e.function.Permissions.Tables {
		if grant.Table == table {
			return e.variable(table.Variable())
		}
	}
	return e.undeclared("table " + table.Name)
}

// Key returns the ARN of an encryption key.
func (e *Resources) Key(key Key) string {
	for _, grant := range e.function.Permissions.Keys {
		if grant.Key == key {
			return e.variable(key.Variable())
		}
	}
	return e.undeclared("key " + string(key))
}

// Secret returns the ARN of a secret. Its values are read with package
// secretcache.
func (e *Resources) Secret(secret *secrets.Secret) string {
	if !slices.Contains(e.function.Secrets(), secret) {
		return e.undeclared("secret " + secret.Name)
	}
	return e.variable(secret.Variable())
}

// Setting returns a setting of the stage, whose parts are separated by spaces.
func (e *Resources) Setting(setting Setting) []string {
	if !slices.Contains(e.function.Permissions.Settings, setting) {
		e.undeclared("the setting " + string(setting))
		return nil
	}
	return strings.Fields(e.variable(setting.Variable()))
}

// Email returns how the stage sends e-mails. They are sent with package email.
func (e *Resources) Email() emailtemplates.Settings {
	if !e.function.Permissions.SendEmail {
		e.undeclared("the stage's e-mail")
		return emailtemplates.Settings{}
	}
	return emailtemplates.ReadSettings(e.variable)
}

// Variable is the name of the environment variable through which a function
// learns the setting, such as SETTING_GOOGLE_CLIENTS.
func (s Setting) Variable() string {
	return "SETTING_" + strings.ToUpper(strings.ReplaceAll(string(s), "-", "_"))
}

// Variable is the name of the environment variable that puts another base URL in
// place of the service's own, such as EXTERNAL_APPLE_URL. No stage on AWS sets
// it; the local stage does, where fakes stand in for the services.
func (s Service) Variable() string { return "EXTERNAL_" + strings.ToUpper(string(s)) + "_URL" }

// BaseURL returns the base URL of an external service: its own, or the one that
// stands in for it.
func (e *Resources) BaseURL(service Service) string {
	if !slices.Contains(e.function.Permissions.External, service) {
		return e.undeclared("the external service " + string(service))
	}
	if standIn, ok := e.lookup(service.Variable()); ok {
		return standIn
	}
	return serviceURLs[service]
}

// Shared returns the one T that all parts of a function have together, such as a
// key that is worth fetching once. The first to ask makes it.
func Shared[T any](e *Resources, make func() T) T {
	key := reflect.TypeFor[T]()
	if _, made := e.shared[key]; !made {
		if e.shared == nil {
			e.shared = map[reflect.Type]any{}
		}
		e.shared[key] = make()
	}
	return e.shared[key].(T)
}

// OnInit has work done once, before the function takes its first request, at
// the same time as other such work: what must be fetched and can fail.
func (e *Resources) OnInit(work func(context.Context) error) {
	e.onInit = append(e.onInit, work)
}

// Ahead has work done at the start that a request would do otherwise, when it first
// needs the result: what most requests need, and fetch again when it failed.
func (e *Resources) Ahead(work func(context.Context) error) {
	e.ahead = append(e.ahead, work)
}

// WorkAhead does the work that Ahead was given, all at once. A failure is none: the
// request that needs the result does the work again.
func (e *Resources) WorkAhead(ctx context.Context) {
	var all sync.WaitGroup
	for _, work := range e.ahead {
		all.Go(func() { _ = work(ctx) })
	}
	all.Wait()
}

// Start does the work that OnInit was given and returns all that failed.
func (e *Resources) Start(ctx context.Context) error {
	failures := make([]error, len(e.onInit))
	var all sync.WaitGroup
	for i, work := range e.onInit {
		all.Go(func() { failures[i] = work(ctx) })
	}
	all.Wait()
	return errors.Join(failures...)
}

// Stage returns the name of the stage, such as "prod".
func (e *Resources) Stage() string { return e.variable(StageVariable) }

// UserPool returns the id of the stage's user pool.
func (e *Resources) UserPool() string {
	if len(e.function.Permissions.UserPool) == 0 {
		return e.undeclared("the user pool")
	}
	return e.variable(UserPoolVariable)
}

// UserPoolClient returns the client id of the user pool.
func (e *Resources) UserPoolClient() string {
	if !e.function.Permissions.UserPoolClient {
		return e.undeclared("the user pool's client")
	}
	return e.variable(UserPoolClientVariable)
}

// Err returns everything that was asked for in vain, or nil.
func (e *Resources) Err() error { return errors.Join(e.problems...) }

func (e *Resources) variable(name string) string {
	value, ok := e.lookup(name)
	if !ok || value == "" {
		e.problems = append(e.problems, fmt.Errorf("environment variable %s is not set", name))
	}
	return value
}

func (e *Resources) undeclared(what string) string {
	e.problems = append(e.problems, fmt.Errorf("uses %s without declaring it in Permissions", what))
	return ""
}
