package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/statementreader"
	"github.com/expenzez/infrastructure/test/statementtest"
)

// statementPages are the lengths of the measured statements.
var statementPages = []int{1, 10, 60}

const (
	// answerTime is how long POST /transactions/parse-statement waits for a job.
	answerTime = 28 * time.Second
	// deliveryTime is what S3, EventBridge, the queue and its poller take from the upload to the function. AWS says
	// no time; this is an assumption on the safe side.
	deliveryTime = 2 * time.Second
)

// uploadEvent is a message about an upload, as EventBridge puts it on the queue.
const uploadEvent = `{"Records":[{"messageId":"once","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-2:000000000000:expenzez-dev-statement-reader-statements",` +
	`"attributes":{"ApproximateReceiveCount":"1"},"body":"{\"detail\":{\"object\":{\"key\":\"users/` + measuredUser + `/upload\",\"size\":1}}}"}]}`

// reportStatements measures the reader of statements, n starts for each length: the first upload is read by a new
// process, the second by the same one. All of it has one processor, as at the reader's size of memory, before other
// processes of the machine. It prints medians, and how many were read too late.
func reportStatements(out io.Writer, n int) error {
	return withServices(func(aws *services) error {
		aws.delay = serviceDelay
		aws.items = map[string]string{"GetItem none": measuredItem, "Decrypt ": measuredKey}
		variables, err := environment(statementreader.Read.Name, aws)
		if err != nil {
			return err
		}
		path, err := build(".", ".build", statementreader.Domain.Package())
		if err != nil {
			return err
		}
		file, err := os.Stat(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "The binary has %.1f MB.\n\n", float64(file.Size())/1e6)
		fmt.Fprintln(out, "| pages | start, s (of processor) | first statement, s (of processor) | next statement, s (of processor) | memory, MB | too late cold | too late warm |")
		fmt.Fprintln(out, "|---|---|---|---|---|---|---|")
		whole, err := newShare(statementreader.Read.MemoryMB)
		if err != nil {
			return err
		}
		defer whole.remove()
		// The job is in a table of its own, where it is not settled yet.
		reader := program{path: path, environment: append(variables, "TABLE_JOBS=jobs"), share: whole, fromStart: true}
		for _, pages := range statementPages {
			aws.object = statementOf(pages).PDF()
			runs := make([]run, n)
			for i := range runs {
				if runs[i], err = reader.start(uploadEvent); err != nil {
					return err
				}
				for _, request := range runs[i].requests {
					if !strings.Contains(request.response, `"batchItemFailures":[]`) {
						return fmt.Errorf("the reader answered %s", request.response)
					}
				}
			}
			fmt.Fprintln(out, statementRow(pages, runs))
		}
		return nil
	})
}

// statementOf returns a statement with as many pages.
func statementOf(pages int) statementtest.Statement {
	for rows := 5; ; rows += 5 {
		if made := statementtest.NewOfRows("monzo", 1, rows); len(made.Pages) >= pages {
			return made
		}
	}
}

func statementRow(pages int, runs []run) string {
	both := func(wall, cpu func(run) time.Duration) string {
		return fmt.Sprintf("%.2f (%.2f)", median(runs, wall).Seconds(), median(runs, cpu).Seconds())
	}
	late := func(wall func(run) time.Duration) string {
		count := 0
		for _, r := range runs {
			if wall(r)+deliveryTime > answerTime {
				count++
			}
		}
		return fmt.Sprintf("%d of %d", count, len(runs))
	}
	first := func(r run) time.Duration { return r.requests[0].wall }
	next := func(r run) time.Duration { return r.requests[1].wall }
	return fmt.Sprintf("| %d | %s | %s | %s | %.0f | %s | %s |", pages,
		both(func(r run) time.Duration { return r.firstPoll }, func(r run) time.Duration { return r.initCPU }),
		both(first, func(r run) time.Duration { return r.requests[0].cpu }), both(next, func(r run) time.Duration { return r.requests[1].cpu }),
		float64(slices.MaxFunc(runs, func(a, b run) int { return cmp.Compare(a.peak, b.peak) }).peak)/1e6,
		late(func(r run) time.Duration { return r.firstPoll + first(r) }), late(next))
}

func median(runs []run, measure func(run) time.Duration) time.Duration {
	values := make([]time.Duration, len(runs))
	for i, r := range runs {
		values[i] = measure(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
