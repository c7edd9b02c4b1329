package constructs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FunctionCode is the code of a function on provided.al2023: a folder with an
// executable named bootstrap. BootstrapFolder and GoBundle implement it.
type FunctionCode interface {
	// Folder returns the folder. A GoBundle builds it for the architecture first.
	// The error says why there is no folder.
	Folder(architecture Architecture) (string, error)
}

// BootstrapFolder is the path of a folder that holds an executable named
// bootstrap, built by another tool for the function's architecture.
type BootstrapFolder string

// Folder returns the folder if it holds an executable bootstrap that Lambda can run
// on the architecture: a Linux program, or a script that begins with #!.
func (f BootstrapFolder) Folder(architecture Architecture) (string, error) {
	file := filepath.Join(string(f), bootstrapName)
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("find the function's executable, which must be called %s: %w", bootstrapName, err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return "", fmt.Errorf("%s is not an executable file; build it, or chmod +x", file)
	}
	if err := checkProgram(file, architecture); err != nil {
		return "", err
	}
	if err := checkFolderSize(string(f)); err != nil {
		return "", err
	}
	return string(f), nil
}

// maxCodeBytes is the maximum size of a function's unpacked code.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxCodeBytes = 250 << 20

func checkFolderSize(folder string) error {
	var size int64
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("measure the function's code: %w", err)
	}
	if size > maxCodeBytes {
		return fmt.Errorf("%s holds %d bytes; Lambda allows %d of unpacked code", folder, size, maxCodeBytes)
	}
	return nil
}
