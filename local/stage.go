package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	// Account is the account the engine serves. It is no real one, so nothing
	// that is deployed here can reach AWS by mistake.
	Account = "000000000000"
	// Region is the engine's home region.
	Region = "eu-west-2"
	// EdgeRegion is where AWS keeps what belongs to CloudFront.
	EdgeRegion = "us-east-1"
)

// DefaultEdgeAddr is where the edge listens unless told otherwise.
const DefaultEdgeAddr = "127.0.0.1:8080"

// DefaultFakesAddr is where make up has the stand-ins of the external services.
const DefaultFakesAddr = "127.0.0.1:8091"

// ErrNotRunning is returned by Attach when there is no stage to attach to.
var ErrNotRunning = errors.New("the local stage is not running: start it with make up")

// Options say which app is deployed where. The zero value is the project's own
// stage, as make up runs it, except that it ends with this process.
type Options struct {
	// Root is the repository's root folder. Default: the folder with go.mod at
	// or above the working directory.
	Root string
	// StateDir is the stage's folder. Default: .local/stage in Root.
	StateDir string
	// EdgeAddr is where the edge listens; the next free port is taken when it is
	// busy. Default: DefaultEdgeAddr.
	EdgeAddr string
	// App is the folder of the CDK app, the one with cdk.json. Default: Root.
	App string
	// CDKArgs are further arguments to cdk deploy. Default: --context stage=local.
	CDKArgs []string
	// Services are external services, such as "apple", and their base URLs on this
	// machine. Functions get them as environment variables, such as
	// EXTERNAL_APPLE_URL. A URL that is not plain HTTP to a loopback address is
	// refused. Default: none, but for those of Fakes.
	Services map[string]string
	// Fakes is where stand-ins of the external services listen (local/cmd/fakes); the
	// next free port is taken when it is busy. Functions get their addresses as of
	// Services, and Deploy puts the secrets they accept into the secrets whose names
	// end in the services'. Default: there are none.
	Fakes string
	// Detached lets the stage survive this process.
	Detached bool
	// Progress receives what is being done, line by line. Default: nobody.
	Progress io.Writer
}

// Stage is a running local stage. Its methods must not be called at the same
// time.
type Stage struct {
	options Options
	engine  process
	edge    process
	fakes   process
	leash   *os.File // the stage's processes end when it is closed; nil when detached
	follow  *os.File // their end of the leash
}

// Start makes sure that the engine runs, which takes a second, or a minute the
// first time, when it is installed. An engine that already runs on StateDir is
// used as it is.
func Start(ctx context.Context, o Options) (*Stage, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := newStage(o)
	if !o.Detached {
		if s.follow, s.leash, err = os.Pipe(); err != nil {
			return nil, err
		}
	}
	return s, s.exclusively(ctx, func() error { return s.startEngine(ctx) })
}

// Attach finds the stage that runs on StateDir. The error is ErrNotRunning when
// there is none.
func Attach(o Options) (*Stage, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := newStage(o)
	if _, alive, err := s.engine.running(); err != nil {
		return nil, err
	} else if !alive {
		return nil, ErrNotRunning
	}
	return s, nil
}

// Stop ends the stage's processes and with them all data; logs and ledger stay.
// It reports whether anything was running.
func Stop(ctx context.Context, o Options) (bool, error) {
	o, err := o.withDefaults()
	if err != nil {
		return false, err
	}
	return newStage(o).stop(ctx)
}

// Stop ends the stage's processes and with them all data; logs and ledger stay.
func (s *Stage) Stop() error {
	_, err := s.stop(context.Background())
	return err
}

// URL is the base URL of the deployed API at the edge, without a slash at the
// end. It is empty while nothing with an API is deployed.
func (s *Stage) URL() string { return s.edge.url() }

// EngineURL is where the engine serves the AWS APIs, for AWS_ENDPOINT_URL.
func (s *Stage) EngineURL() string { return s.engine.url() }

// EngineLog is the path of the engine's log.
func (s *Stage) EngineLog() string { return s.engine.logPath() }

func newStage(o Options) *Stage {
	return &Stage{
		options: o,
		engine:  process{name: "engine", dir: o.StateDir},
		edge:    process{name: "edge", dir: o.StateDir},
		fakes:   process{name: "fakes", dir: o.StateDir},
	}
}

// exclusively keeps other commands from changing the same stage meanwhile.
func (s *Stage) exclusively(ctx context.Context, do func() error) error {
	busy := func() { s.say("Waiting for another command on the stage to finish") }
	return withLock(ctx, filepath.Join(s.options.StateDir, "lock"), busy, do)
}

func (s *Stage) stop(ctx context.Context) (was bool, err error) {
	err = s.exclusively(ctx, func() error {
		var problems []error
		for _, p := range []process{s.edge, s.engine, s.fakes} {
			ran, err := p.stop()
			was, problems = was || ran, append(problems, err)
		}
		return errors.Join(problems...)
	})
	for _, end := range []*os.File{s.leash, s.follow} {
		if end != nil {
			err = errors.Join(err, end.Close())
		}
	}
	return was, err
}

func (s *Stage) say(format string, args ...any) {
	fmt.Fprintf(s.options.Progress, format+"\n", args...)
}

func (o Options) withDefaults() (Options, error) {
	if o.Root == "" {
		root, err := findRoot()
		if err != nil {
			return o, err
		}
		o.Root = root
	}
	if o.StateDir == "" {
		o.StateDir = filepath.Join(o.Root, ".local", "stage")
	}
	if o.App == "" {
		o.App = o.Root
	}
	for _, path := range []*string{&o.Root, &o.StateDir, &o.App} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return o, err
		}
		*path = absolute // the programs that are started run elsewhere
	}
	if err := checkServices(o.Services); err != nil {
		return o, err
	}
	if o.EdgeAddr == "" {
		o.EdgeAddr = DefaultEdgeAddr
	}
	if o.CDKArgs == nil {
		o.CDKArgs = []string{"--context", "stage=local"}
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	return o, nil
}

func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "local", "engine", "launch.py")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside the repository: no folder above it has local/engine/launch.py", start)
		}
	}
}
