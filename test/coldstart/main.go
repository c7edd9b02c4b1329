// Command coldstart measures how long a domain's binary takes from its start to
// its first request for an event, and how much memory it then has, next to a
// function that does nothing, and to one that has the AWS SDK's clients and does
// nothing.
//
//	go run ./test/coldstart -n 50
//
// All are built as they are deployed. The runs alternate, so that whatever else
// the machine does meets all; the ratios of the medians say more than they.
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
	flag.Parse()
	if err := report(os.Stdout, *name, *n); err != nil {
		log.Fatal(err)
	}
}

func report(out io.Writer, name string, n int) error {
	programs, err := prepare(".", ".build", name)
	if err != nil {
		return err
	}
	runs, err := measure(programs, n)
	if err != nil {
		return err
	}
	return print(out, name, runs)
}

// prepare builds what is compared, the domain's binary last.
func prepare(root, output, name string) (programs []program, err error) {
	variables, err := environment(name)
	if err != nil {
		return nil, err
	}
	for _, pkg := range []string{"./test/coldstart/empty", "./test/coldstart/clients", auth.Domain.Package()} {
		path, err := build(root, output, pkg)
		if err != nil {
			return nil, err
		}
		programs = append(programs, program{path, variables})
	}
	return programs, nil
}

// measure starts the programs in turn, n times each, after a first time that
// brings their files into memory and does not count.
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

func print(out io.Writer, name string, runs [][]run) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%d starts each\tmin\tmedian\tmax\t\n", len(runs[0]))
	var firstPoll, peak [3]float64
	for i, program := range []string{"empty", "clients", name} {
		firstPoll[i] = row(table, program+": first poll, ms", runs[i], func(r run) float64 { return float64(r.firstPoll) / float64(time.Millisecond) })
		peak[i] = row(table, program+": peak memory, MB", runs[i], func(r run) float64 { return float64(r.peak) / 1e6 })
	}
	for i, program := range []string{"empty", "clients"} {
		fmt.Fprintf(table, "first poll over that of %s\t\t%.2f\t\t\n", program, firstPoll[2]/firstPoll[i])
		fmt.Fprintf(table, "peak memory over that of %s\t\t%.2f\t\t\n", program, peak[2]/peak[i])
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
