package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// fullShareMB is the memory at which Lambda gives a function one whole processor; the
// share is proportional to the memory.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const fullShareMB = 1769

// sharePeriod is the time in which a process uses its share and then waits. AWS does not
// document Lambda's; 20 ms is an assumption.
const sharePeriod = 20 * time.Millisecond

// share is a control group whose processes have a share of one processor, by the quota of
// the kernel's scheduler. A nil share leaves processes as they are.
// https://docs.kernel.org/scheduler/sched-bwc.html
type share struct{ folder string }

// newShare makes the share of a function with this memory, in the first or the second
// version of cgroups.
func newShare(memoryMB int) (*share, error) {
	quota := sharePeriod * time.Duration(memoryMB) / fullShareMB
	folder := filepath.Join("/sys/fs/cgroup/cpu", fmt.Sprintf("coldstart-%d-%d", os.Getpid(), memoryMB))
	settings := map[string]string{
		"cpu.cfs_period_us": strconv.FormatInt(sharePeriod.Microseconds(), 10),
		"cpu.cfs_quota_us":  strconv.FormatInt(quota.Microseconds(), 10),
		"cpu.shares":        "262144", // before all other processes of the machine
	}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil { // version 2
		folder = filepath.Join("/sys/fs/cgroup", filepath.Base(folder))
		settings = map[string]string{
			"cpu.max":    fmt.Sprintf("%d %d", quota.Microseconds(), sharePeriod.Microseconds()),
			"cpu.weight": "10000",
		}
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, fmt.Errorf("make a control group, which takes root and the cpu controller: %w", err)
	}
	made := &share{folder}
	for file, value := range settings {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(value), 0o644); err != nil {
			return nil, errors.Join(fmt.Errorf("set the processor share: %w", err), made.remove())
		}
	}
	return made, nil
}

// join puts the process with all its threads into the group.
func (s *share) join(pid int) error {
	if s == nil {
		return nil
	}
	if err := os.WriteFile(filepath.Join(s.folder, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o644); err != nil {
		return fmt.Errorf("limit the process to its share: %w", err)
	}
	return nil
}

// remove removes the group, whose processes must have ended. The kernel takes a moment to
// notice their end.
func (s *share) remove() (err error) {
	for range 50 {
		if err = os.Remove(s.folder); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}
