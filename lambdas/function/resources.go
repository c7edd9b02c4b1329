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

	"github.com/expenzez/infrastructure/lambdas/buckets"
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
	for _, grant := range f.Permissions.Buckets {
		names = append(names, grant.Bucket.Variable())
	}
	for _, topic := range f.Permissions.Publishes {
		names = append(names, topic.Variable())
	}
	for _, queue := range f.Queues() {
		names = append(names, queue.Variable())
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

// NewResources returns resources that read variables with lookup, which
// is os.LookupEnv in a deployed function.
func NewResources(config aws.Config, lookup func(string) (string, bool)) *Resources {
	return &Resources{AWS: config, lookup: lookup, Transport: func(next http.RoundTripper) http.RoundTripper { return next }}
}

// Table returns the physical name of a table.
func (r *Resources) Table(table *tables.Table) string {
	for _, grant := range r.function.Permissions.Tables {
		if grant.Table == table {
			return r.variable(table.Variable())
		}
	}
	return r.undeclared("table " + table.Name)
}

// Bucket returns the physical name of a bucket. Package uploads uses it.
func (r *Resources) Bucket(bucket *buckets.Bucket) string {
	for _, grant := range r.function.Permissions.Buckets {
		if grant.Bucket == bucket {
			return r.variable(bucket.Variable())
		}
	}
	return r.undeclared("bucket " + bucket.Name)
}

// Key returns the ARN of an encryption key.
func (r *Resources) Key(key Key) string {
	for _, grant := range r.function.Permissions.Keys {
		if grant.Key == key {
			return r.variable(key.Variable())
		}
	}
	return r.undeclared("key " + string(key))
}

// Secret returns the ARN of a secret. Its values are read with package
// secretcache.
func (r *Resources) Secret(secret *secrets.Secret) string {
	if !slices.Contains(r.function.Secrets(), secret) {
		return r.undeclared("secret " + secret.Name)
	}
	return r.variable(secret.Variable())
}

// Setting returns a setting of the stage, whose parts are separated by spaces.
func (r *Resources) Setting(setting Setting) []string {
	if !slices.Contains(r.function.Permissions.Settings, setting) {
		r.undeclared("the setting " + string(setting))
		return nil
	}
	return strings.Fields(r.variable(setting.Variable()))
}

// Email returns how the stage sends e-mails. They are sent with package email.
func (r *Resources) Email() emailtemplates.Settings {
	if !r.function.Permissions.SendEmail {
		r.undeclared("the stage's e-mail")
		return emailtemplates.Settings{}
	}
	return emailtemplates.ReadSettings(r.variable)
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

// BaseURL returns the base URL of an external service: its own, or that of its
// stand-in.
func (r *Resources) BaseURL(service Service) string {
	if !slices.Contains(r.function.Permissions.External, service) {
		return r.undeclared("the external service " + string(service))
	}
	if standIn, ok := r.lookup(service.Variable()); ok {
		return standIn
	}
	return serviceURLs[service]
}

// Shared returns the one T that all parts of a function have together, such as a
// key that is worth fetching once. The first to ask makes it.
func Shared[T any](r *Resources, make func() T) T {
	key := reflect.TypeFor[T]()
	if _, made := r.shared[key]; !made {
		if r.shared == nil {
			r.shared = map[reflect.Type]any{}
		}
		r.shared[key] = make()
	}
	return r.shared[key].(T)
}

// OnInit has work done once, before the function takes its first request, at
// the same time as other such work: what must be fetched and can fail.
func (r *Resources) OnInit(work func(context.Context) error) {
	r.onInit = append(r.onInit, work)
}

// Ahead has work done at the start that a request would do otherwise, when it first
// needs the result: what most requests need, and fetch again when it failed.
func (r *Resources) Ahead(work func(context.Context) error) {
	r.ahead = append(r.ahead, work)
}

// WorkAhead does the work that Ahead was given, all at once. A failure is none: the
// request that needs the result does the work again.
func (r *Resources) WorkAhead(ctx context.Context) {
	var all sync.WaitGroup
	for _, work := range r.ahead {
		all.Go(func() { _ = work(ctx) })
	}
	all.Wait()
}

// Start does the work that OnInit was given and returns all that failed.
func (r *Resources) Start(ctx context.Context) error {
	failures := make([]error, len(r.onInit))
	var all sync.WaitGroup
	for i, work := range r.onInit {
		all.Go(func() { failures[i] = work(ctx) })
	}
	all.Wait()
	return errors.Join(failures...)
}

// Stage returns the name of the stage, such as "prod".
func (r *Resources) Stage() string { return r.variable(StageVariable) }

// UserPool returns the id of the stage's user pool.
func (r *Resources) UserPool() string {
	if len(r.function.Permissions.UserPool) == 0 {
		return r.undeclared("the user pool")
	}
	return r.variable(UserPoolVariable)
}

// UserPoolClient returns the client id of the user pool.
func (r *Resources) UserPoolClient() string {
	if !r.function.Permissions.UserPoolClient {
		return r.undeclared("the user pool's client")
	}
	return r.variable(UserPoolClientVariable)
}

// Err returns everything that was asked for in vain, or nil.
func (r *Resources) Err() error { return errors.Join(r.problems...) }

func (r *Resources) variable(name string) string {
	value, ok := r.lookup(name)
	if !ok || value == "" {
		r.problems = append(r.problems, fmt.Errorf("environment variable %s is not set", name))
	}
	return value
}

func (r *Resources) undeclared(what string) string {
	r.problems = append(r.problems, fmt.Errorf("uses %s without declaring it in Permissions", what))
	return ""
}
