package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The file descriptors that a background process inherits, in the order of
// exec.Cmd.ExtraFiles.
const (
	listenFD = 3
	lockFD   = 4
)

// stopTimeout is how long a process may take to end after SIGTERM or SIGKILL.
const stopTimeout = 10 * time.Second

// process is one of the stage's background processes.
type process struct {
	name string // engine, edge or fakes
	dir  string // the stage's folder
}

// record describes a background process. The process keeps the file with its record
// locked, so the process lives exactly while the lock is held.
type record struct {
	// PID is also the id of the process group, which includes the functions' processes.
	PID int `json:"pid"`
	// Address is the host:port the process listens on.
	Address string `json:"address"`
	// Origin identifies what the edge sends requests to: the engine's URL, the API id and
	// a digest of the added headers.
	Origin string `json:"origin,omitempty"`
	// Services are the base URLs of the external services that the engine was started with.
	Services map[string]string `json:"services,omitempty"`
}

func (p process) recordPath() string { return filepath.Join(p.dir, p.name+".json") }
func (p process) logPath() string    { return filepath.Join(p.dir, p.name+".log") }

// url returns the base URL of the process, or an empty string when it does not run.
func (p process) url() string {
	r, alive, err := p.running()
	if err != nil || !alive {
		return ""
	}
	return "http://" + r.Address
}

// running returns the record of the process and reports whether the process lives. It
// also returns the record of a process that has ended without stop.
func (p process) running() (record, bool, error) {
	if _, err := os.Stat(p.recordPath()); errors.Is(err, os.ErrNotExist) {
		return record{}, false, nil
	}
	file, held, err := tryLock(p.recordPath())
	if err != nil {
		return record{}, false, err
	}
	if file != nil {
		defer file.Close()
	}
	data, err := os.ReadFile(p.recordPath())
	if err != nil {
		return record{}, false, err
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil && held {
		return record{}, false, fmt.Errorf("%s: the %s is being started: %w", p.recordPath(), p.name, err)
	}
	return r, held, nil
}

// start runs cmd in the background in a session of its own. The process inherits the
// listener and the locked record; start closes the listener in this process. The
// output of the process goes to its log. With stdin, the read end of a pipe, the
// process ends when the write end closes, at the latest when this process ends.
// Without stdin, the process outlives this process.
func (p process) start(cmd *exec.Cmd, listener net.Listener, r record, stdin *os.File) error {
	defer listener.Close()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		return fmt.Errorf("start the %s: %w", p.name, err)
	}
	defer socket.Close()
	lock, held, err := tryLock(p.recordPath())
	if err != nil {
		return err
	}
	if held {
		return fmt.Errorf("start the %s: it is running already", p.name)
	}
	defer lock.Close()
	log, err := os.OpenFile(p.logPath(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()

	cmd.Stdout, cmd.Stderr = log, log
	if stdin != nil {
		cmd.Stdin = stdin
		cmd.Args = append(cmd.Args, "--with-parent")
	}
	cmd.ExtraFiles = []*os.File{socket, lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the %s: %w", p.name, err)
	}
	go cmd.Wait() // reaps the process; the lock shows whether the process lives
	r.PID, r.Address = cmd.Process.Pid, listener.Addr().String()
	return writeRecord(lock, r)
}

func writeRecord(lock *os.File, r record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err = lock.WriteAt(data, 0)
	return err
}

// stop ends the process and its group and removes the record. It reports whether the
// process was running.
func (p process) stop() (bool, error) {
	r, alive, err := p.running()
	if err != nil {
		return false, err
	}
	if !alive {
		return false, removeIfExists(p.recordPath())
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(-r.PID, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return true, fmt.Errorf("stop the %s (pid %d): %w", p.name, r.PID, err)
		}
		if gone, err := p.waitStopped(stopTimeout); err != nil || gone {
			return true, errors.Join(err, removeIfExists(p.recordPath()))
		}
	}
	return true, fmt.Errorf("the %s (pid %d) survives SIGKILL", p.name, r.PID)
}

// waitStopped waits until the process has ended and reports whether it has.
func (p process) waitStopped(timeout time.Duration) (bool, error) {
	for end := time.Now().Add(timeout); time.Now().Before(end); time.Sleep(pollInterval) {
		if _, alive, err := p.running(); err != nil || !alive {
			return true, err
		}
	}
	return false, nil
}

// logTail returns the last lines of the process's log, for error messages.
func (p process) logTail(lines int) string {
	data, err := os.ReadFile(p.logPath())
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func removeIfExists(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
