package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// passedTemplates is a folder with the key of the last assembly, of each set of stacks,
// in which the validator found nothing. Without a folder it knows none.
type passedTemplates struct{ dir string }

// rememberIn returns the passed templates of a folder. Under CI it knows none.
func rememberIn(dir string) passedTemplates {
	if os.Getenv("CI") != "" {
		return passedTemplates{}
	}
	return passedTemplates{dir}
}

// key returns a checksum of everything that the validator's findings depend on: the
// templates with their places, the acceptances, the context, and the app's executable,
// which includes CDK. It is "" if something cannot be read.
func (p passedTemplates) key(a *assembly.Assembly) string {
	if p.dir == "" {
		return ""
	}
	sum := sha256.New()
	executable, err := os.Executable()
	if err != nil || copyFile(sum, executable) != nil {
		return ""
	}
	fmt.Fprintf(sum, "%q %q\n", os.Getenv("CDK_CONTEXT_JSON"), acceptances(a))
	for _, s := range a.Stacks {
		fmt.Fprintf(sum, "%q %q %q\n", s.Path, s.Account(), s.Region())
		if copyFile(sum, s.File) != nil {
			return ""
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func copyFile(to io.Writer, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(to, file)
	return err
}

// file returns the file of the assembly's set of stacks.
func (p passedTemplates) file(a *assembly.Assembly) string {
	sum := sha256.New()
	for _, s := range a.Stacks {
		fmt.Fprintf(sum, "%q\n", s.Path)
	}
	return filepath.Join(p.dir, hex.EncodeToString(sum.Sum(nil)[:8]))
}

func (p passedTemplates) has(a *assembly.Assembly, key string) bool {
	if key == "" {
		return false
	}
	recorded, err := os.ReadFile(p.file(a))
	return err == nil && string(recorded) == key
}

// record remembers the key. If that fails, the validator runs again at the next synth.
func (p passedTemplates) record(a *assembly.Assembly, key string) {
	if key != "" && os.MkdirAll(p.dir, 0o755) == nil {
		_ = os.WriteFile(p.file(a), []byte(key), 0o644)
	}
}
