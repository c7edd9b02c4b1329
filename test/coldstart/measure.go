package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// program is an executable to start, with all of its environment but the
// address of the Runtime API.
type program struct {
	path        string
	environment []string
}

// run is what one start of a program took.
type run struct {
	// firstPoll is from just before the process is made until it asks for its
	// first event.
	firstPoll time.Duration
	// peak is the most memory it ever had resident, in bytes, after one event.
	peak int64
	// answer is what it made of the event.
	answer string
}

// patience is how long a program may take before it counts as hung. It decides
// nothing but when to give up.
const patience = 30 * time.Second

// start starts the program, gives it one event, and ends it when it asks for
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

	result, err := observe(api, cmd.Process.Pid, begin, ended)
	if err != nil {
		_ = cmd.Process.Kill()
		<-ended // the process's own error, if it had one, is in err
		return run{}, fmt.Errorf("%s: %w\n%s", p.path, err, output.String())
	}
	_ = cmd.Process.Kill()
	<-ended
	return result, nil
}

// observe follows the process to its second poll.
func observe(api *runtimeAPI, pid int, begin time.Time, ended chan error) (run, error) {
	var result run
	late := time.After(patience)
	for polls := 0; polls < 2; {
		select {
		case at := <-api.polls:
			if polls++; polls == 1 {
				result.firstPoll = at.Sub(begin)
			}
		case a := <-api.answer:
			if a.err != nil {
				return run{}, a.err
			}
			result.answer = a.body
		case err := <-ended:
			ended <- err
			return run{}, fmt.Errorf("ended by itself after %d polls: %v", polls, err)
		case <-late:
			return run{}, fmt.Errorf("did nothing more for %s after %d polls", patience, polls)
		}
	}
	var err error
	result.peak, err = peakMemory(pid)
	return result, err
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
