package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var errNoRelease = errors.New("the repository has no tag v*")

// resolveBase returns base. If base is empty, it returns the newest tag v* that is an
// ancestor of HEAD, or errNoRelease if there is none.
func resolveBase(dir, base string) (string, error) {
	if base != "" {
		return base, nil
	}
	tags, err := git(dir, "tag", "--merged", "HEAD", "--list", "v*", "--sort", "-version:refname")
	if err != nil {
		return "", err
	}
	if newest, _, _ := strings.Cut(tags, "\n"); newest != "" {
		return newest, nil
	}
	return "", errNoRelease
}

// checkOut writes the files of a commit to a temporary folder and returns the
// folder with a function that deletes everything checkOut wrote.
func checkOut(dir, commit string) (string, func(), error) {
	temporary, err := os.MkdirTemp("", "apicompat-")
	if err != nil {
		return "", nil, err
	}
	remove := func() { os.RemoveAll(temporary) }
	archive := filepath.Join(temporary, "base.tar")
	if _, err := git(dir, "archive", "--output", archive, commit); err != nil {
		remove()
		return "", nil, err
	}
	files := filepath.Join(temporary, "base")
	if err := errors.Join(os.Mkdir(files, 0o755), exec.Command("tar", "-xf", archive, "-C", files).Run()); err != nil {
		remove()
		return "", nil, fmt.Errorf("unpack %s: %w", commit, err)
	}
	return files, remove, nil
}

func git(dir string, args ...string) (string, error) {
	command := exec.Command("git", args...)
	command.Dir = dir
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
