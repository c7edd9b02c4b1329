package importidentity

import (
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Row is a row of a file.
type Row struct {
	Day dates.Day
	// Amount is negative for a debit.
	Amount money.Amount
	// Text is the description as the bank wrote it.
	Text string
}

func (r Row) debit() bool { return r.Amount.Sign() <= 0 }

// Key is the identity of a row.
type Key struct {
	group
	// Occurrence is the number of the row among equal rows of its file, from 1.
	Occurrence int
}

// group is what equal rows have in common.
type group struct {
	Scope  string // the bank, and the account where the file says it
	Day    dates.Day
	Amount string // without its sign
	Text   string // folded
	Leg    leg
}

// leg is the side of a transfer between accounts, and empty for all other rows.
type leg string

const (
	legOut leg = "out"
	legIn  leg = "in"
)

// opposite returns the group of the other leg.
func (g group) opposite() group {
	switch g.Leg {
	case legOut:
		g.Leg = legIn
	case legIn:
		g.Leg = legOut
	}
	return g
}

// Parts returns the key as texts to hash, without the occurrence number.
func (k Key) Parts() []string {
	return []string{k.Scope, string(k.Day), k.Amount, k.Text, string(k.Leg)}
}

// Stored is a transaction that is stored under a key.
type Stored struct {
	Debit bool
	// Deleted says that only the key is left.
	Deleted bool
}

// Decision says what becomes of a row.
type Decision struct {
	// Key is the key under which a new row is stored.
	Key Key
	// Duplicate says that the row is stored already, or was deleted by the user.
	Duplicate bool
}

// File is the rows of one file, by group.
type File struct {
	rows     []Row
	ordinary []bool          // by row: it is no transfer between accounts
	groups   map[group][]int // indexes of rows, in the order of the file
	order    []group
}

// NewFile returns the rows of a file from a bank.
func NewFile(scope string, rows []Row) *File {
	f := &File{rows: rows, ordinary: make([]bool, len(rows)), groups: map[group][]int{}}
	for i, row := range rows {
		g := groupOf(scope, row)
		f.ordinary[i] = g.Leg == ""
		if f.groups[g] == nil {
			f.order = append(f.order, g)
		}
		f.groups[g] = append(f.groups[g], i)
	}
	return f
}

func groupOf(scope string, row Row) group {
	g := group{Scope: scope, Day: row.Day, Amount: row.Amount.Abs().String(), Text: merchants.Fold(row.Text)}
	if merchants.KindOf(row.Text).BetweenAccounts() {
		g.Leg = legIn
		if row.debit() {
			g.Leg = legOut
		}
	}
	return g
}

// Keys returns the keys of which Decide needs to know what is stored.
func (f *File) Keys() []Key {
	var keys []Key
	for _, g := range f.order {
		n, other := len(f.groups[g]), g.opposite()
		if g.Leg != "" {
			n += len(f.groups[other]) // rows of the other leg may be stored as this one
		}
		keys = appendKeys(keys, g, n)
		if g.Leg != "" && len(f.groups[other]) == 0 {
			keys = appendKeys(keys, other, n)
		}
	}
	return keys
}

func appendKeys(keys []Key, g group, n int) []Key {
	for i := range n {
		keys = append(keys, Key{g, i + 1})
	}
	return keys
}

// Decide returns what becomes of each row, in the order of the rows.
func (f *File) Decide(stored map[Key]Stored) []Decision {
	decisions := make([]Decision, len(f.rows))
	for _, g := range f.order {
		f.decideGroup(g, stored, decisions)
	}
	for _, g := range f.order {
		if g.Leg != "" {
			f.decideChangedSign(g, stored, decisions)
		}
	}
	return decisions
}

// decideGroup gives the rows of a group its occurrence numbers. Those that are stored go
// first to rows with the sign of what is stored. The rest is new.
func (f *File) decideGroup(g group, stored map[Key]Stored, decisions []Decision) {
	rows := slices.Clone(f.groups[g])
	var taken, free []Key
	for n := range rows {
		if _, is := stored[Key{g, n + 1}]; is {
			taken = append(taken, Key{g, n + 1})
		} else {
			free = append(free, Key{g, n + 1})
		}
	}
	taken = slices.DeleteFunc(taken, func(key Key) bool {
		same := slices.IndexFunc(rows, func(i int) bool { return !stored[key].Deleted && f.rows[i].debit() == stored[key].Debit })
		if same < 0 {
			return false
		}
		decisions[rows[same]] = Decision{key, true}
		rows = slices.Delete(rows, same, same+1)
		return true
	})
	for i, key := range taken {
		decisions[rows[i]] = Decision{key, true}
	}
	for i, key := range free {
		decisions[rows[len(taken)+i]] = Decision{Key: key}
	}
}

// decideChangedSign finds transfers that are stored with the other sign, by as many
// occurrences as the file does not have with that sign.
func (f *File) decideChangedSign(g group, stored map[Key]Stored, decisions []Decision) {
	other := g.opposite()
	n := len(f.groups[other])
	for _, i := range f.groups[g] {
		if _, is := stored[Key{other, n + 1}]; !is {
			return
		}
		if !decisions[i].Duplicate && f.knownAround(g.Day, decisions) {
			decisions[i], n = Decision{Key{other, n + 1}, true}, n+1
		}
	}
}

// knownAround reports whether at least half of the rows of a day are duplicates, without
// its transfers. For a day without others these are the rows of the days before and
// after.
func (f *File) knownAround(day dates.Day, decisions []Decision) bool {
	var before, after dates.Day
	for i, row := range f.rows {
		if !f.ordinary[i] {
			continue
		}
		if row.Day <= day {
			before = max(before, row.Day)
		}
		if row.Day >= day && (after == "" || row.Day < after) {
			after = row.Day
		}
	}
	known, all := 0, 0
	for i, row := range f.rows {
		if f.ordinary[i] && (row.Day == before || row.Day == after) {
			all++
			if decisions[i].Duplicate {
				known++
			}
		}
	}
	return all > 0 && 2*known >= all
}
