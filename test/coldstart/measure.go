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

// program is an executable with its whole environment except the address of the Runtime
// API.
type program struct {
	path        string
	environment []string
	// connections returns how many connections the services of AWS have accepted.
	// Default: none are counted.
	connections func() int
	// share is the processor share of its requests, and of its start if fromStart is set.
	// Default: all of the machine's.
	share     *share
	fromStart bool
}

// run holds the measures of one start of a program.
type run struct {
	// firstPoll is the time from just before the process starts until it requests its
	// first event.
	firstPoll time.Duration
	// initCPU is the processor time until firstPoll.
	initCPU time.Duration
	// requests are the measures of its requests, in order.
	requests [requests]request
	// peak is the maximum resident memory in bytes after the requests.
	peak int64
}

// request holds the measures of one request, from the event to the process's next poll.
type request struct {
	wall, cpu time.Duration
	// connections is how many connections were opened to AWS services.
	connections int
	// response is the process's response to the event.
	response string
}

// programTimeout is how long a program may do nothing before it counts as hung.
const programTimeout = 30 * time.Second

// start starts the program, gives it its events, and ends it at its next poll. The
// error contains the program's output.
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
	if p.fromStart {
		if err := p.share.join(cmd.Process.Pid); err != nil {
			_ = cmd.Process.Kill()
			<-ended
			return run{}, err
		}
	}

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
	if err := p.share.join(pid); err != nil {
		return run{}, err
	}
	last := first
	for i := range result.requests {
		handedOut := time.Now()
		api.resume <- struct{}{}
		next, err := p.poll(api, pid, ended)
		if err != nil {
			return run{}, err
		}
		result.requests[i] = request{
			wall: next.at.Sub(handedOut), cpu: next.cpu - last.cpu, connections: next.connections - last.connections, response: <-api.answers,
		}
		last = next
	}
	result.peak, err = peakMemory(pid)
	return result, err
}

// state holds the measures of a process at a poll.
type state struct {
	at          time.Time
	cpu         time.Duration
	connections int
}

// poll waits until the process requests an event. It returns an error if the process
// reports one or ends.
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
	case <-time.After(programTimeout):
		return state{}, fmt.Errorf("did nothing more for %s", programTimeout)
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

var peakMemoryPattern = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory returns the peak resident memory of the process. The value of wait4
// includes the parent's memory at the fork, so it cannot be used.
// https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
func peakMemory(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read peak memory: %w", err)
	}
	match := peakMemoryPattern.FindSubmatch(status)
	if match == nil {
		return 0, errors.New("read peak memory: the process's status has no VmHWM")
	}
	kilobytes, err := strconv.ParseInt(string(match[1]), 10, 64)
	return kilobytes << 10, err
}
