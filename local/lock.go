package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// pollInterval is the time between two checks of a lock or a process.
const pollInterval = 50 * time.Millisecond

// tryLock opens the file at path, creates it when missing, and locks it. Held reports
// that another process has the lock; the file is nil then. The lock ends with the
// last process that has the file open.
func tryLock(path string) (file *os.File, held bool, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, false, err
	}
	file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, false, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, true, nil
	}
	return nil, false, fmt.Errorf("lock %s: %w", path, err)
}

// withLock runs do while it holds the lock at path. When another process holds the
// lock, withLock calls busy once and waits.
func withLock(ctx context.Context, path string, busy func(), do func() error) error {
	for waiting := false; ; waiting = true {
		file, held, err := tryLock(path)
		if err != nil {
			return err
		}
		if !held {
			defer file.Close()
			return do()
		}
		if !waiting {
			busy()
		}
		if err := sleep(ctx, pollInterval); err != nil {
			return fmt.Errorf("waiting for the lock %s: %w", path, err)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
