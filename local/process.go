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

// Descriptors of what a background process inherits, in the order of
// exec.Cmd.ExtraFiles.
const (
	listenFD = 3
	lockFD   = 4
)

// stopPatience is how long a process may take to end after SIGTERM.
const stopPatience = 10 * time.Second

// process is one of the stage's background processes.
type process struct {
	name string // engine, edge or fakes
	dir  string // the stage's folder
}

// record is what is known of a background process. It is in the file that the
// process keeps locked, so it is about a living process exactly when the lock
// is held.
type record struct {
	// PID also names the process group, which the functions' processes are in.
	PID int `json:"pid"`
	// Address is the host:port the process listens on.
	Address string `json:"address"`
	// Origin is what the edge sends requests to: engine address and API.
	Origin string `json:"origin,omitempty"`
	// Services are the external services whose addresses the engine was given.
	Services map[string]string `json:"services,omitempty"`
}

func (p process) recordPath() string { return filepath.Join(p.dir, p.name+".json") }
func (p process) logPath() string    { return filepath.Join(p.dir, p.name+".log") }

// url is where the process serves, empty when it does not run.
func (p process) url() string {
	r, alive, err := p.running()
	if err != nil || !alive {
		return ""
	}
	return "http://" + r.Address
}

// running returns the record and whether the process lives. A record that is
// left of a dead process is returned too: it tells that there was one.
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

// start runs cmd in the background in a session of its own, hands it the
// listener and the locked record, and closes the listener here. Its output goes
// to the log. With follow, the process ends when the other end of that pipe
// closes, at the latest when this process dies; without, it survives.
func (p process) start(cmd *exec.Cmd, listener net.Listener, r record, follow *os.File) error {
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
	if follow != nil {
		cmd.Stdin = follow
		cmd.Args = append(cmd.Args, "--with-parent")
	}
	cmd.ExtraFiles = []*os.File{socket, lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the %s: %w", p.name, err)
	}
	go cmd.Wait() // reaps the process; whether it lives is told by its lock
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

// stop ends the process and its group and forgets it. It reports whether there
// was one.
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
		if gone, err := p.waitGone(stopPatience); err != nil || gone {
			return true, errors.Join(err, removeIfExists(p.recordPath()))
		}
	}
	return true, fmt.Errorf("the %s (pid %d) survives SIGKILL", p.name, r.PID)
}

func (p process) waitGone(patience time.Duration) (bool, error) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(pollInterval) {
		if _, alive, err := p.running(); err != nil || !alive {
			return true, err
		}
	}
	return false, nil
}

// logTail is the end of the process's log, for messages.
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
