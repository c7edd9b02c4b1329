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
	// Account is the AWS account of the engine. It does not exist on AWS, so a
	// deployment cannot reach AWS by mistake.
	Account = "000000000000"
	// Region is the engine's home region.
	Region = "eu-west-2"
	// EdgeRegion is the region of CloudFront's certificates and web ACLs.
	EdgeRegion = "us-east-1"
)

// DefaultEdgeAddr is the default of Options.EdgeAddr.
const DefaultEdgeAddr = "127.0.0.1:8080"

// DefaultFakesAddr is the address of the stand-ins of the external services that make
// up starts.
const DefaultFakesAddr = "127.0.0.1:8091"

// ErrNotRunning is the error of Attach when the stage does not run.
var ErrNotRunning = errors.New("the local stage is not running: start it with make up")

// Options select the app and the addresses of a stage. The zero value is the project's
// own app, as make up runs it, but the stage ends with this process.
type Options struct {
	// Root is the repository's root folder. Default: the folder with go.mod at
	// or above the working directory.
	Root string
	// StateDir is the stage's folder. Default: .local/stage in Root.
	StateDir string
	// EdgeAddr is the address that the edge listens on, or the next free port when that
	// port is taken. Default: DefaultEdgeAddr.
	EdgeAddr string
	// App is the folder of the CDK app, which has cdk.json. Default: Root.
	App string
	// CDKArgs are further arguments to cdk deploy. Default: --context stage=local.
	CDKArgs []string
	// Countries are the countries of clients' addresses for the web ACL of the edge:
	// ranges such as "127.0.0.66/32" and ISO 3166 codes. The longest range decides.
	// Default: every address is in GB.
	Countries map[string]string
	// Services are external services, such as "apple", and their base URLs on this
	// machine. Functions get them as environment variables, such as
	// EXTERNAL_APPLE_URL. Only URLs of plain HTTP to a loopback address are
	// accepted. Default: none besides the services of Fakes.
	Services map[string]string
	// Fakes is the address that the stand-ins of the external services listen on
	// (local/cmd/fakes), or the next free port when that port is taken. Functions get
	// their URLs like those of Services. Deploy writes the keys that the stand-ins
	// accept into the secrets whose names end in the name of a service. Default: no
	// stand-ins.
	Fakes string
	// PartitionWriteUnits is how many write units a partition key of DynamoDB takes in a
	// second, 1,000 on AWS. Default: no limit.
	PartitionWriteUnits int
	// Detached lets the stage survive this process.
	Detached bool
	// Progress receives progress messages, line by line. Default: io.Discard.
	Progress io.Writer
}

// Stage is a running local stage. Its methods must not be called concurrently.
type Stage struct {
	options    Options
	engine     process
	edge       process
	fakes      process
	parentPipe *os.File // write end of a pipe; closing it ends the processes; nil when detached
	childStdin *os.File // read end of the pipe, the processes' standard input
}

// Start starts the engine unless it already runs on StateDir. That takes a second, or
// a minute the first time, when Start installs the engine.
func Start(ctx context.Context, o Options) (*Stage, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := newStage(o)
	if !o.Detached {
		if s.childStdin, s.parentPipe, err = os.Pipe(); err != nil {
			return nil, err
		}
	}
	return s, s.withStageLock(ctx, func() error { return s.startEngine(ctx) })
}

// Attach returns the stage that runs on StateDir, or ErrNotRunning.
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

// Stop ends the stage's processes and with them all data; the logs and the
// authorization log stay.
// Stop reports whether a process was running.
func Stop(ctx context.Context, o Options) (bool, error) {
	o, err := o.withDefaults()
	if err != nil {
		return false, err
	}
	return newStage(o).stop(ctx)
}

// Stop ends the stage's processes and with them all data; the logs and the
// authorization log stay.
func (s *Stage) Stop() error {
	_, err := s.stop(context.Background())
	return err
}

// URL returns the base URL of the deployed API at the edge, without a slash at the
// end. It is empty until a stack with an API is deployed.
func (s *Stage) URL() string { return s.edge.url() }

// EngineURL returns the base URL of the AWS APIs, for AWS_ENDPOINT_URL.
func (s *Stage) EngineURL() string { return s.engine.url() }

// EngineLog returns the path of the engine's log.
func (s *Stage) EngineLog() string { return s.engine.logPath() }

func newStage(o Options) *Stage {
	return &Stage{
		options: o,
		engine:  process{name: "engine", dir: o.StateDir},
		edge:    process{name: "edge", dir: o.StateDir},
		fakes:   process{name: "fakes", dir: o.StateDir},
	}
}

// withStageLock runs do while it holds the stage's lock, so that other commands cannot
// change the stage at the same time.
func (s *Stage) withStageLock(ctx context.Context, do func() error) error {
	busy := func() { s.report("Waiting for another command on the stage to finish") }
	return withLock(ctx, filepath.Join(s.options.StateDir, "lock"), busy, do)
}

func (s *Stage) stop(ctx context.Context) (was bool, err error) {
	err = s.withStageLock(ctx, func() error {
		var problems []error
		for _, p := range []process{s.edge, s.engine, s.fakes} {
			ran, err := p.stop()
			was, problems = was || ran, append(problems, err)
		}
		return errors.Join(problems...)
	})
	for _, file := range []*os.File{s.parentPipe, s.childStdin} {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
	}
	return was, err
}

func (s *Stage) report(format string, args ...any) {
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
		*path = absolute // the started processes have another working directory
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
