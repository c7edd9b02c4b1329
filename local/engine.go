package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// engineStartTimeout is how long the engine may take to answer its first request.
// It takes one second on an idle machine and more on a busy one.
const engineStartTimeout = 60 * time.Second

// startEngine starts the fakes and then the engine, each unless it already runs. The
// engine passes the addresses of the fakes to the functions.
func (s *Stage) startEngine(ctx context.Context) error {
	services, err := s.startFakes(ctx)
	if err != nil {
		return err
	}
	before, alive, err := s.engine.running()
	if err != nil {
		return err
	}
	if alive {
		return checkSameServices(before.Services, services)
	}
	python, err := ensureVenv(ctx, s.options.Root, s.report)
	if err != nil {
		return err
	}
	if before.PID != 0 {
		s.report("The engine had ended, and its data with it: deploying to a new one.")
	}
	scratch := filepath.Join(s.options.StateDir, "tmp")
	if err := errors.Join(os.RemoveAll(scratch), os.MkdirAll(scratch, 0o755)); err != nil {
		return err // the scratch folder holds code of the old engine's functions
	}
	listener, err := listenOrNext(before.Address, "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("find a port for the engine: %w", err)
	}
	cmd := exec.Command(python, filepath.Join(s.options.Root, "local", "engine", "launch.py"),
		"--listen-fd", strconv.Itoa(listenFD), "--lock-fd", strconv.Itoa(lockFD), "--authorization-log", s.authorizationLogPath(),
		"--partition-write-units", strconv.Itoa(s.options.PartitionWriteUnits))
	cmd.Env = append(engineEnv(scratch), servicesEnv(services)...)
	cmd.Dir = s.options.StateDir
	if err := s.engine.start(cmd, listener, record{Services: services}, s.childStdin); err != nil {
		return err
	}
	return s.awaitEngine(ctx)
}

// checkSameServices returns an error when a running engine was started with other
// services than the wanted ones. The environment of a running engine is fixed.
func checkSameServices(running, wanted map[string]string) error {
	if len(wanted) == 0 || maps.Equal(running, wanted) {
		return nil
	}
	return errors.New("the engine runs with other addresses of external services: stop it first with make down; its data goes")
}

// engineEnv returns the environment of the engine, which every function inherits. It
// excludes the user's AWS settings and secrets.
func engineEnv(scratch string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + scratch,
		"TMPDIR=" + scratch,
		"LANG=C.UTF-8",
		"PYTHONDONTWRITEBYTECODE=1",
	}
}

// awaitEngine waits for the engine's first response. One request is enough: this
// process opened the port before the engine started, so the request waits in the queue.
func (s *Stage) awaitEngine(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, engineStartTimeout)
	defer cancel()
	resp, err := get(ctx, s.EngineURL()+"/_ministack/health")
	if err != nil {
		if _, alive, lockErr := s.engine.running(); lockErr == nil && !alive {
			return fmt.Errorf("the engine ended while starting; the end of %s:\n%s", s.EngineLog(), s.engine.logTail(15))
		}
		return fmt.Errorf("the engine does not answer (log: %s): %w", s.EngineLog(), err)
	}
	resp.Body.Close()
	return nil
}

// getJSON decodes the JSON response of a GET.
func getJSON(ctx context.Context, url string, into any) error {
	resp, err := get(ctx, url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// get sends a GET and returns an error for any status but 200.
func get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		return nil, fmt.Errorf("GET %s: %s: %s", url, resp.Status, body)
	}
	return resp, nil
}
