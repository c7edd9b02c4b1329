// Command coldstart measures a domain's binary: the time from its start to its first
// request for an event, the time of its first and second request, and its memory after
// them. It measures an empty function and one that calls the same AWS services with the
// SDK alone for comparison.
//
//	go run ./test/coldstart -n 50
//	go run ./test/coldstart -sizes
//	go run ./test/coldstart -statements
//
// With -sizes, it measures requests of several functions at the processor share of each
// size of memory (docs/sizes.md). With -statements, it measures the reader of bank
// statements (docs/statements.md).
//
// All binaries are built as for deployment. They call services on this machine over TLS
// with this machine's root certificates. The runs alternate, so other load on the
// machine affects all programs alike. The ratios of the medians are more reliable than
// the times.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/expenzez/infrastructure/lambdas/auth"
)

func main() {
	log.SetFlags(0)
	n := flag.Int("n", 20, "how often each program is started")
	name := flag.String("function", "auth-login", "the function to start")
	bySize := flag.Bool("sizes", false, "measure requests at several sizes of memory instead (needs root, for cgroups)")
	statements := flag.Bool("statements", false, "measure the reader of bank statements instead (needs root, for cgroups)")
	flag.Parse()
	err := error(nil)
	switch {
	case *bySize:
		err = reportSizes(os.Stdout, *n)
	case *statements:
		err = reportStatements(os.Stdout, *n)
	default:
		err = report(os.Stdout, *name, *n)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func report(out io.Writer, name string, n int) error {
	return withServices(func(aws *services) error {
		programs, err := prepare(".", ".build", name, aws)
		if err != nil {
			return err
		}
		runs, err := measure(programs, n)
		if err != nil {
			return err
		}
		return print(out, name, runs)
	})
}

// withServices calls a function with services that run until it returns.
func withServices(measure func(*services) error) error {
	folder, err := os.MkdirTemp("", "coldstart-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	aws, err := startServices(folder)
	if err != nil {
		return err
	}
	defer aws.close()
	return measure(aws)
}

// prepare builds the programs to compare, the domain's binary last.
func prepare(root, output, name string, aws *services) (programs []program, err error) {
	variables, err := environment(name, aws)
	if err != nil {
		return nil, err
	}
	for _, pkg := range []string{"./test/coldstart/empty", "./test/coldstart/clients", auth.Domain.Package()} {
		path, err := build(root, output, pkg)
		if err != nil {
			return nil, err
		}
		programs = append(programs, program{path: path, environment: variables, connections: aws.connections})
	}
	return programs, nil
}

// measure starts the programs in turn, n times each. A first uncounted run loads their
// files into memory.
func measure(programs []program, n int) ([][]run, error) {
	runs := make([][]run, len(programs))
	for i := range n + 1 {
		for j, p := range programs {
			r, err := p.start(event)
			if err != nil {
				return runs, err
			}
			if i > 0 {
				runs[j] = append(runs[j], r)
			}
		}
	}
	return runs, nil
}

// measures are the printed measures of each program.
var measures = []struct {
	name string
	of   func(run) float64
}{
	{"first poll, ms", func(r run) float64 { return milliseconds(r.firstPoll) }},
	{"first poll, ms of processor", func(r run) float64 { return milliseconds(r.initCPU) }},
	{"first request, ms", func(r run) float64 { return milliseconds(r.requests[0].wall) }},
	{"first request, ms of processor", func(r run) float64 { return milliseconds(r.requests[0].cpu) }},
	{"first request, connections", func(r run) float64 { return float64(r.requests[0].connections) }},
	{"second request, ms", func(r run) float64 { return milliseconds(r.requests[1].wall) }},
	{"second request, ms of processor", func(r run) float64 { return milliseconds(r.requests[1].cpu) }},
	{"first less second request, ms of processor", func(r run) float64 { return milliseconds(r.requests[0].cpu - r.requests[1].cpu) }},
	{"peak memory, MB", func(r run) float64 { return float64(r.peak) / 1e6 }},
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func print(out io.Writer, name string, runs [][]run) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%d starts each\tmin\tmedian\tmax\t\n", len(runs[0]))
	medians := map[string][3]float64{}
	for i, program := range []string{"empty", "clients", name} {
		for _, measure := range measures {
			of := medians[measure.name]
			of[i] = row(table, program+": "+measure.name, runs[i], measure.of)
			medians[measure.name] = of
		}
	}
	for i, program := range []string{"empty", "clients"} {
		for _, ratio := range []string{"first poll", "peak memory"} {
			of := medians[map[string]string{"first poll": "first poll, ms", "peak memory": "peak memory, MB"}[ratio]]
			fmt.Fprintf(table, "%s over that of %s\t\t%.2f\t\t\n", ratio, program, of[2]/of[i])
		}
	}
	return table.Flush()
}

// row prints one measure of a program's runs and returns the median.
func row(out io.Writer, label string, runs []run, of func(run) float64) float64 {
	values := make([]float64, len(runs))
	for i, r := range runs {
		values[i] = of(r)
	}
	slices.Sort(values)
	median := values[len(values)/2]
	fmt.Fprintf(out, "%s\t%.1f\t%.1f\t%.1f\t\n", label, values[0], median, values[len(values)-1])
	return median
}
