package local

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

func TestEngine_ParentEnds_Ends(t *testing.T) {
	s, err := Start(t.Context(), Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop() // for when the test fails
	if err := s.childStdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.parentPipe.Close(); err != nil { // what the kernel does when this process dies
		t.Fatal(err)
	}
	s.childStdin, s.parentPipe = nil, nil
	if gone, err := s.engine.waitStopped(stopTimeout); err != nil || !gone {
		t.Errorf("the engine lives on: %v", err)
	}
}

func TestEdgeAndFakes_ParentEnds_End(t *testing.T) {
	s := newStage(Options{StateDir: t.TempDir(), EdgeAddr: "127.0.0.1:20400", Fakes: "127.0.0.1:20500", Progress: io.Discard})
	var err error
	if s.options, err = s.options.withDefaults(); err != nil {
		t.Fatal(err)
	}
	if s.childStdin, s.parentPipe, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	binary, err := s.build(t.Context(), "edge")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := s.listenAtEdge("")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "--listen-fd", strconv.Itoa(listenFD), "--engine", "http://127.0.0.1:1", "--api", "a")
	if err := s.edge.start(cmd, listener, record{}, s.childStdin); err != nil {
		t.Fatal(err)
	}
	defer s.edge.stop() // for when the test fails
	if err := s.ensureFakes(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer s.fakes.stop()
	for _, url := range []string{s.URL(), s.FakesURL()} { // the edge serves, though there is nothing behind it
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if err := errors.Join(s.childStdin.Close(), s.parentPipe.Close()); err != nil {
		t.Fatal(err)
	}
	for _, p := range []process{s.edge, s.fakes} {
		if gone, err := p.waitStopped(stopTimeout); err != nil || !gone {
			t.Errorf("the %s lives on: %v", p.name, err)
		}
	}
}

func TestListenAtEdge_PortTaken_UsesNextAndReports(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var said bytes.Buffer
	s := newStage(Options{EdgeAddr: other.Addr().String(), Progress: &said})
	listener, err := s.listenAtEdge("")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if !containsAll(said.String(), other.Addr().String()+" is taken", "serving on "+listener.Addr().String()) {
		t.Errorf("said %q", said.String())
	}
}

func TestStart_EngineFails_ErrorHasItsLog(t *testing.T) {
	state := t.TempDir()
	// The engine fails at its start because a folder has the path of the authorization log.
	if err := os.Mkdir(filepath.Join(state, "authorization-log.jsonl"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{StateDir: state})
	if err == nil || !containsAll(err.Error(), "the engine ended while starting", "IsADirectoryError") {
		t.Errorf("the error is %v", err)
	}
}

func TestWithLock_IsExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var group sync.WaitGroup
	inside := make(chan struct{}, 1)
	for range 8 {
		group.Go(func() {
			err := withLock(t.Context(), path, func() {}, func() error {
				select {
				case inside <- struct{}{}:
				default:
					t.Error("two are inside at once")
				}
				time.Sleep(5 * time.Millisecond)
				<-inside
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestWithLock_ContextEnds_StopsWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	file, held, err := tryLock(path)
	if err != nil || held {
		t.Fatalf("the first lock: held %v, %v", held, err)
	}
	defer file.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*pollInterval)
	defer cancel()
	told := 0
	err = withLock(ctx, path, func() { told++ }, func() error { t.Error("ran without the lock"); return nil })
	if !errors.Is(err, context.DeadlineExceeded) || told != 1 {
		t.Errorf("the error is %v, and the wait was told %d times", err, told)
	}
}
