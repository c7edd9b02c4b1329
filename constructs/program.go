package constructs

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
)

// elfMachines holds the instruction set in a program's ELF header for each
// architecture.
var elfMachines = map[Architecture]elf.Machine{ARM64: elf.EM_AARCH64, X8664: elf.EM_X86_64}

// checkProgram returns an error unless Linux can run the file on the architecture.
// Lambda accepts any file and fails when it starts the function, with
// Runtime.InvalidEntrypoint or "exec format error".
func checkProgram(file string, architecture Architecture) error {
	opened, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("read the function's executable: %w", err)
	}
	defer opened.Close()
	start := make([]byte, 2)
	if _, err := opened.ReadAt(start, 0); err == nil && bytes.Equal(start, []byte("#!")) {
		return nil // a script runs on either architecture
	}
	program, err := elf.NewFile(opened)
	if err != nil {
		return fmt.Errorf("%s is neither a Linux program nor a script that begins with #!; build it with GOOS=linux: %w", file, err)
	}
	if program.Type != elf.ET_EXEC && program.Type != elf.ET_DYN {
		return fmt.Errorf("%s is a file of type %s, not a program; build a main package", file, program.Type)
	}
	if want := elfMachines[architecture]; program.Machine != want {
		return fmt.Errorf("%s is built for %s and the function's Architecture is %s, which runs %s; "+
			"build it for that, or change Architecture", file, program.Machine, architecture, want)
	}
	return nil
}
