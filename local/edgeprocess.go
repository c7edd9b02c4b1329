package local

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// EdgeHeaders is the environment variable with the headers that the edge adds to
// requests: a JSON object of names and values.
const EdgeHeaders = "EDGE_HEADERS"

// startEdge starts the edge in front of the API, unless it already serves this API at
// the running engine.
func (s *Stage) startEdge(ctx context.Context, api string) error {
	front, err := s.frontOf(ctx, api)
	if err != nil {
		return err
	}
	added, err := json.Marshal(front.headers)
	if err != nil {
		return err
	}
	settings := fmt.Sprint(string(added), front.host, front.distribution, front.template, s.options.Countries)
	origin := fmt.Sprintf("%s %s %x", s.EngineURL(), api, sha256.Sum256([]byte(settings)))
	before, alive, err := s.edge.running()
	if err != nil || (alive && before.Origin == origin) {
		return err
	}
	if alive {
		if _, err := s.edge.stop(); err != nil {
			return err
		}
	}
	binary, err := s.build(ctx, "edge")
	if err != nil {
		return err
	}
	listener, err := s.listenAtEdge(before.Address)
	if err != nil {
		return fmt.Errorf("find a port for the edge: %w", err)
	}
	args, err := s.distributionArgs(front)
	if err != nil {
		return err
	}
	cmd := exec.Command(binary, append(args, "--listen-fd", strconv.Itoa(listenFD), "--engine", s.EngineURL(), "--api", api)...)
	cmd.Env = []string{EdgeHeaders + "=" + string(added)}
	if err := s.edge.start(cmd, listener, record{Origin: origin}, s.childStdin); err != nil {
		return err
	}
	return s.checkEdge(ctx)
}

// distributionArgs writes the template of the distribution into the stage's folder and
// returns the arguments that make the edge do what the distribution does.
func (s *Stage) distributionArgs(f front) ([]string, error) {
	if f.distribution == "" {
		return nil, nil
	}
	file := filepath.Join(s.options.StateDir, "edge-template.json")
	if err := os.WriteFile(file, []byte(f.template), 0o600); err != nil {
		return nil, err
	}
	args := []string{"--template", file, "--distribution", f.distribution, "--host", f.host}
	if s.options.Countries != nil {
		countries, err := json.Marshal(s.options.Countries)
		if err != nil {
			return nil, err
		}
		args = append(args, "--countries", string(countries))
	}
	return args, nil
}

// listenAtEdge listens on the edge's previous address when it is free, because clients
// know it, and otherwise on the address of the options or the next free port.
func (s *Stage) listenAtEdge(before string) (net.Listener, error) {
	wanted := s.options.EdgeAddr
	listener, err := listenOrNext(before, wanted)
	if err != nil {
		return nil, err
	}
	if got := listener.Addr().String(); got != wanted && got != before && !strings.HasSuffix(wanted, ":0") {
		s.report("%s is taken by another program: serving on %s", wanted, got)
	}
	return listener, nil
}

// checkEdge sends a preflight through the edge; the API answers it without invoking a
// function. Any response of the API is a success. The edge itself answers 502.
func (s *Stage) checkEdge(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodOptions, s.URL()+"/", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the edge does not answer; the end of its log:\n%s\n%w", s.edge.logTail(5), err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusBadGateway {
		return fmt.Errorf("the edge does not reach the engine; the end of its log:\n%s", s.edge.logTail(5))
	}
	return nil
}
