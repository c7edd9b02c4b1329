// Command endpoint writes the beginning of an operation of the contract, api/openapi.yaml:
//
//	make endpoint OP=getMemberSince
//	make endpoint OP=listTrips DOMAIN=trips STACK=transactions
//
// It writes the declaration, the types of request and response with their rules, the use
// case up to its statements, and a test up to its comparison. Neither compiles before its
// author has written the rest. The command also adds the operation to the domain's list of
// functions and to api/built.txt. DOMAIN is the operation's tag by default. A domain that
// is named and has no folder gets one, in the stack that STACK names.
//
// It changes nothing if the operation is built or one of its files exists.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(".", os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "endpoint:", err)
		os.Exit(1)
	}
}

// run writes the files below root, which has the module.
func run(root string, args []string, out io.Writer) error {
	var o options
	var money, plain string
	flags := flag.NewFlagSet("endpoint", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.operation, "op", "", "operationId in the contract, such as getMemberSince")
	flags.StringVar(&o.domain, "domain", "", "folder under lambdas; the operation's tag if empty")
	flags.StringVar(&o.stack, "stack", "", "stack of a new domain: api, auth, transactions, ai or notifications")
	flags.StringVar(&money, "money", "", "properties that are amounts of money, comma-separated")
	flags.StringVar(&plain, "plain", "", "properties that are numbers and no amounts, comma-separated")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.money, o.plain = strings.Split(money, ","), strings.Split(plain, ",")
	made, err := scaffold(root, o)
	if err != nil {
		return err
	}
	for _, file := range made.files {
		path := filepath.Join(root, file.path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(file.text), 0o644); err != nil {
			return err
		}
		fmt.Fprintln(out, "wrote", file.path)
	}
	fmt.Fprint(out, made.nextSteps())
	return nil
}

// options say what to write.
type options struct {
	operation, domain, stack string
	// money and plain are names of properties whose kind of number their names do not say.
	money, plain []string
}

// file is a file to write, with its path from the module's root.
type file struct{ path, text string }

// result is what scaffold made. Its first two files are the use case and its test.
type result struct {
	key   string
	files []file
}

func (r result) nextSteps() string {
	return fmt.Sprintf(`
%[1]s is not finished. go vet ./lambdas/... names what is missing:
1. %[2]s: write the use case, and name its tables and keys in Permissions.
2. %[3]s: compare the response.
3. lambdas/measured_requests_test.go: add a request to %[1]s.
4. test/e2e: call the operation, as each test there does.
5. make generate, and read what it wrote.
`, r.key, r.files[0].path, r.files[1].path)
}

// stacks are the stacks of new domains by their tags. The other tags are of users' money.
var stacks = map[string]string{
	"ai": "ai", "insights": "ai", "briefs": "ai",
	"notifications": "notifications", "alerts": "notifications",
}

// stackConstants are the constants of package function by the stack.
var stackConstants = map[string]string{
	"api": "StackAPI", "auth": "StackAuth", "transactions": "StackTransactions", "ai": "StackAI", "notifications": "StackNotifications",
}

// scaffold returns the files of an operation.
func scaffold(root string, o options) (result, error) {
	op, err := findOperation(filepath.Join(root, "api", "openapi.yaml"), o.operation)
	if err != nil {
		return result{}, err
	}
	named := o.domain != ""
	if !named {
		o.domain = op.tag
	}
	folder := filepath.Join("lambdas", o.domain)
	use, test := filepath.Join(folder, snake(op.id)+".go"), filepath.Join(folder, snake(op.id)+"_test.go")
	for _, path := range []string{use, test} {
		if _, err := os.Stat(filepath.Join(root, path)); err == nil {
			return result{}, fmt.Errorf("%s exists: nothing is written", path)
		}
	}
	built, err := addBuilt(root, op.key)
	if err != nil {
		return result{}, err
	}
	declared, err := declarations(filepath.Join(root, folder))
	if err != nil {
		return result{}, err
	}
	domain, err := domainFiles(root, o, op, len(declared) == 0, named)
	if err != nil {
		return result{}, err
	}
	if slices.Contains(declared, op.variable()) || slices.Contains(declared, op.service()) {
		return result{}, fmt.Errorf("%s declares %s or %s already: nothing is written", folder, op.variable(), op.service())
	}
	types := &typeWriter{options: o, declared: declared}
	source, err := op.useCase(o.domain, types)
	if err != nil {
		return result{}, err
	}
	testSource, err := op.test(o.domain, types)
	if err != nil {
		return result{}, err
	}
	files := append([]file{{use, source}, {test, testSource}}, domain...)
	return result{op.key, append(files, built)}, nil
}
