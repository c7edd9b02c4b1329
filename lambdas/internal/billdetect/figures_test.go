package billdetect_test

import (
	"fmt"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billdetect/billtest"
)

// count is what a detector found of the bills of one cadence.
type count struct{ right, wrong, missed, few int }

func (c count) precision() float64 { return ratio(c.right, c.right+c.wrong) }
func (c count) recall() float64    { return ratio(c.right, c.right+c.missed) }

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// figures are the counts by cadence, what was missed by kind of bill, and how often other
// facts about the bills that were found are right.
type figures struct {
	cadences                  map[billdetect.Cadence]count
	kinds                     map[string]count
	missed                    map[string]int
	wrong                     map[string]int
	due, dueOf, ended, endOf  int
	rose, roseOf, roseWrongly int
}

// measure runs a detector on users of seeds.
func measure(detect func([]billdetect.Payment) []billdetect.Series, users int, seeds ...uint64) figures {
	total := figures{cadences: map[billdetect.Cadence]count{}, kinds: map[string]count{}, missed: map[string]int{}, wrong: map[string]int{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	work := make(chan billtest.History)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for history := range work {
				one := judge(history, detect)
				mu.Lock()
				total.add(one)
				mu.Unlock()
			}
		})
	}
	for _, seed := range seeds {
		for user := range users {
			work <- billtest.Make(seed, user)
		}
	}
	close(work)
	all.Wait()
	return total
}

func (f *figures) add(other figures) {
	for cadence, c := range other.cadences {
		sum := f.cadences[cadence]
		f.cadences[cadence] = count{sum.right + c.right, sum.wrong + c.wrong, sum.missed + c.missed, sum.few + c.few}
	}
	for kind, c := range other.kinds {
		f.kinds[kind] = count{right: f.kinds[kind].right + c.right, missed: f.kinds[kind].missed + c.missed}
	}
	for kind, n := range other.missed {
		f.missed[kind] += n
	}
	for kind, n := range other.wrong {
		f.wrong[kind] += n
	}
	f.due, f.dueOf, f.ended, f.endOf = f.due+other.due, f.dueOf+other.dueOf, f.ended+other.ended, f.endOf+other.endOf
	f.rose, f.roseOf, f.roseWrongly = f.rose+other.rose, f.roseOf+other.roseOf, f.roseWrongly+other.roseWrongly
}

const (
	// resumed are the bills that were cancelled and taken up again on the same due day.
	resumed = "resumed"
	// notImported are the bills of users who did not import some months, whatever their kind.
	notImported = "months not imported"
)

// judge compares what a detector finds in a history with the truth. A bill is found when
// a series of its merchant has its cadence, and four fifths of the payments of both are
// the same. Bills with too few payments to be known as bills are counted apart.
func judge(history billtest.History, detect func([]billdetect.Payment) []billdetect.Series) figures {
	f := figures{cadences: map[billdetect.Cadence]count{}, kinds: map[string]count{}, missed: map[string]int{}, wrong: map[string]int{}}
	found := map[string][]billdetect.Series{}
	for merchant, payments := range history.Merchants() {
		if series := detect(payments); len(series) > 0 {
			found[merchant] = series
		}
	}

	for _, bill := range history.Bills {
		kinds := []string{bill.Kind}
		if history.Missing {
			kinds = append(kinds, notImported)
		}
		c := f.cadences[bill.Cadence]
		at := slices.IndexFunc(found[bill.Merchant], func(s billdetect.Series) bool { return s.Schedule.Cadence == bill.Cadence && same(s, bill) })
		switch {
		case at >= 0:
			c.right++
			f.count(kinds, count{right: 1})
			s := found[bill.Merchant][at]
			f.details(s, bill)
			found[bill.Merchant] = slices.Delete(slices.Clone(found[bill.Merchant]), at, at+1)
		case len(bill.Payments) < billdetect.MinPayments(bill.Cadence):
			c.few++
		default:
			c.missed++
			f.count(kinds, count{missed: 1})
			f.missed[strings.Join(append([]string{string(bill.Cadence)}, kinds...), " ")]++
		}
		f.cadences[bill.Cadence] = c
	}
	kinds := map[string]string{}
	for _, bill := range history.Bills {
		kinds[bill.Merchant] = bill.Kind
	}
	for merchant, series := range found {
		for _, s := range series {
			c := f.cadences[s.Schedule.Cadence]
			c.wrong++
			f.cadences[s.Schedule.Cadence] = c
			kind := kinds[merchant]
			if kind == "" {
				kind = "habit"
			}
			f.wrong[string(s.Schedule.Cadence)+" in "+kind]++
		}
	}
	return f
}

// count adds to the counts of kinds.
func (f *figures) count(kinds []string, c count) {
	for _, kind := range kinds {
		sum := f.kinds[kind]
		f.kinds[kind] = count{right: sum.right + c.right, missed: sum.missed + c.missed}
	}
}

func same(s billdetect.Series, bill billtest.Bill) bool {
	shared := 0
	for _, id := range bill.Payments {
		if s.Has(id) {
			shared++
		}
	}
	return 5*shared >= 4*max(len(s.Payments), len(bill.Payments))
}

// details counts whether the end, the next due day within three days, and a changed
// price are known.
func (f *figures) details(s billdetect.Series, bill billtest.Bill) {
	f.endOf++
	if s.Ended(billtest.Today) == bill.Ended {
		f.ended++
	}
	if !bill.Ended && !s.Ended(billtest.Today) {
		f.dueOf++
		if billdetect.DaysBetween(s.Next(billtest.Today), bill.Next) <= 3 {
			f.due++
		}
	}
	if bill.Rose {
		f.roseOf++
		if s.Change != nil {
			f.rose++
		}
	} else if s.Change != nil {
		f.roseWrongly++
	}
}

// String is the figures as a table.
func (f figures) String() string {
	var text strings.Builder
	for _, cadence := range billdetect.Cadences {
		c := f.cadences[cadence]
		fmt.Fprintf(&text, "%-12s precision %.3f recall %.3f: %d right, %d wrong, %d missed, %d with too few payments\n",
			cadence, c.precision(), c.recall(), c.right, c.wrong, c.missed, c.few)
	}
	for _, kind := range []string{resumed, "resumed on another day", notImported} {
		fmt.Fprintf(&text, "%s: recall %.3f of %d\n", kind, f.kinds[kind].recall(), f.kinds[kind].right+f.kinds[kind].missed)
	}
	fmt.Fprintf(&text, "due within 3 days %.3f of %d, end known %.3f of %d, price change known %.3f of %d, %d reported without one\n",
		ratio(f.due, f.dueOf), f.dueOf, ratio(f.ended, f.endOf), f.endOf, ratio(f.rose, f.roseOf), f.roseOf, f.roseWrongly)
	fmt.Fprintf(&text, "missed: %s\nwrong: %s\n", list(f.missed), list(f.wrong))
	return text.String()
}

func list(counts map[string]int) string {
	var all []string
	for name, n := range counts {
		all = append(all, fmt.Sprintf("%s %d", name, n))
	}
	sort.Strings(all)
	return strings.Join(all, ", ")
}

// problems are the figures that are not good enough.
func (f figures) problems() []string {
	var all []string
	check := func(name string, got, least float64) {
		if got < least {
			all = append(all, fmt.Sprintf("%s is %.3f, less than %.2f", name, got, least))
		}
	}
	for _, cadence := range billdetect.Cadences {
		least := 0.85
		if cadence == billdetect.Monthly {
			least = 0.95
		}
		check(string(cadence)+" precision", f.cadences[cadence].precision(), least)
		check(string(cadence)+" recall", f.cadences[cadence].recall(), least)
	}
	for kind, c := range f.kinds {
		check("recall of "+kind, c.recall(), 0.85)
	}
	check("due days", ratio(f.due, f.dueOf), 0.97)
	check("ends", ratio(f.ended, f.endOf), 0.95)
	check("price changes", ratio(f.rose, f.roseOf), 0.95)
	return all
}

func TestDetect_FigureSeeds_AreFoundAndNoHabits(t *testing.T) {
	got := measure(billdetect.Detect, billtest.Users, billtest.FigureSeeds[0])
	t.Logf("\n%v", got)
	for _, problem := range got.problems() {
		t.Error(problem)
	}
}

// The simple detector shows what the figures are worth: the days alone find most monthly
// bills, and as many habits beside them.
func TestReference_FigureSeeds_TakesHabitsForBills(t *testing.T) {
	got := measure(billdetect.Reference, 200, billtest.FigureSeeds[0])
	t.Logf("\n%v", got)
	if c := got.cadences[billdetect.Monthly]; c.precision() > 0.5 || c.recall() > 0.95 {
		t.Error("the simple detector is as good")
	}
}

// A detector without one of its rules fails the figures, and the whole one does not.
func TestDetect_WeakenedDetectors_FailTheFigures(t *testing.T) {
	const users = 150
	if problems := measure(billdetect.Detect, users, billtest.FigureSeeds[1]).problems(); len(problems) > 0 {
		t.Errorf("the whole detector fails: %s", strings.Join(problems, "; "))
	}
	for name, detect := range billdetect.Mutants() {
		problems := measure(detect, users, billtest.FigureSeeds[1]).problems()
		t.Logf("%s: %s", name, strings.Join(problems, "; "))
		if len(problems) == 0 {
			t.Errorf("%s: passes", name)
		}
	}
}
