package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// program is an executable to start, with all of its environment but the
// address of the Runtime API.
type program struct {
	path        string
	environment []string
	// connections returns how many connections the services of AWS have accepted.
	// Default: none are counted.
	connections func() int
}

// run is what one start of a program took.
type run struct {
	// firstPoll is from just before the process is made until it asks for its
	// first event.
	firstPoll time.Duration
	// initCPU is the processor time until then.
	initCPU time.Duration
	// requests are the requests that it was given, in their order.
	requests [requests]request
	// peak is the most memory it ever had resident, in bytes, after them.
	peak int64
}

// request is what one request took, from when the event is handed out until the
// process asks for the next one.
type request struct {
	wall, cpu time.Duration
	// connections is how many were opened to services of AWS.
	connections int
	// answer is what the process made of the event.
	answer string
}

// patience is how long a program may take before it counts as hung. It decides
// nothing but when to give up.
const patience = 30 * time.Second

// start starts the program, gives it its events, and ends it when it asks for
// another. The error holds what the program wrote.
func (p program) start(event string) (run, error) {
	api := newRuntimeAPI(event)
	defer api.close()
	var output bytes.Buffer
	cmd := exec.Command(p.path)
	cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + api.address()}, p.environment...)
	cmd.Stdout, cmd.Stderr = &output, &output
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return run{}, fmt.Errorf("start %s: %w", p.path, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	result, err := p.observe(api, cmd.Process.Pid, begin, ended)
	if err != nil {
		_ = cmd.Process.Kill()
		<-ended // the process's own error, if it had one, is in err
		return run{}, fmt.Errorf("%s: %w\n%s", p.path, err, output.String())
	}
	_ = cmd.Process.Kill()
	<-ended
	return result, nil
}

// observe follows the process to its last poll.
func (p program) observe(api *runtimeAPI, pid int, begin time.Time, ended chan error) (run, error) {
	first, err := p.poll(api, pid, ended)
	if err != nil {
		return run{}, err
	}
	result := run{firstPoll: first.at.Sub(begin), initCPU: first.cpu}
	last := first
	for i := range result.requests {
		handedOut := time.Now()
		api.resume <- struct{}{}
		next, err := p.poll(api, pid, ended)
		if err != nil {
			return run{}, err
		}
		result.requests[i] = request{
			wall: next.at.Sub(handedOut), cpu: next.cpu - last.cpu, connections: next.connections - last.connections, answer: <-api.answers,
		}
		last = next
	}
	result.peak, err = peakMemory(pid)
	return result, err
}

// state is what is known of a process when it polls.
type state struct {
	at          time.Time
	cpu         time.Duration
	connections int
}

// poll waits until the process asks for an event. It returns an error when the
// process reports one or ends.
func (p program) poll(api *runtimeAPI, pid int, ended chan error) (state, error) {
	select {
	case at := <-api.polls:
		select {
		case err := <-api.failures: // which came before the poll
			return state{}, err
		default:
		}
		cpu, err := processorTime(pid)
		now := state{at: at, cpu: cpu}
		if p.connections != nil {
			now.connections = p.connections()
		}
		return now, err
	case err := <-api.failures:
		return state{}, err
	case err := <-ended:
		ended <- err
		return state{}, fmt.Errorf("ended by itself: %v", err)
	case <-time.After(patience):
		return state{}, fmt.Errorf("did nothing more for %s", patience)
	}
}

// processorTime returns the time that all threads of the process have run.
// https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
func processorTime(pid int) (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, fmt.Errorf("read processor time of process %d: %w", pid, errors.Join(err, os.ErrNotExist))
	}
	var total time.Duration
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			return 0, fmt.Errorf("read processor time: %w", err)
		}
		onProcessor, _, _ := strings.Cut(string(text), " ")
		nanoseconds, err := strconv.ParseInt(onProcessor, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read processor time: %w", err)
		}
		total += time.Duration(nanoseconds)
	}
	return total, nil
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory reads the high-water mark of the process's resident memory. What
// wait4 reports will not do: it counts the memory of the parent at fork, too.
// https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
func peakMemory(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read peak memory: %w", err)
	}
	match := highWater.FindSubmatch(status)
	if match == nil {
		return 0, errors.New("read peak memory: the process's status has no VmHWM")
	}
	kilobytes, err := strconv.ParseInt(string(match[1]), 10, 64)
	return kilobytes << 10, err
}
