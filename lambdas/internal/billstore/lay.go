package billstore

import (
	"cmp"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The keys of tables.BillChoice.SetAt.
const (
	setCategory = "category"
	setStatus   = "status"
	setName     = "name"
	setIgnored  = "ignored"
	setPaid     = "paid"
	setMuted    = "muted"
)

// inactive is the status of a choice that cancels a bill.
const inactive = "inactive"

func choiceOf(record tables.BillRecord, texts choiceTexts) Choice {
	c := record.Choice
	choice := Choice{
		BillID: texts.BillID, CustomName: texts.CustomName, Reason: texts.Reason, Category: categories.Code(c.Category), Status: c.Status,
		Ignored: c.Ignored, Muted: c.Muted, ExclusionReason: c.ExclusionReason, PaidAt: c.PaidAt, paidFor: dates.Day(c.PaidFor),
		ExcludedAt: c.ExcludedAt, CreatedAt: record.CreatedAt, UpdatedAt: record.UpdatedAt, setAt: c.SetAt,
	}
	if choice.setAt == nil { // a record of before SetAt, whose values are those that are not empty
		choice.setAt = map[string]int64{}
		for key, has := range map[string]bool{
			setCategory: c.Category != "", setStatus: c.Status != "", setName: texts.CustomName != "", setIgnored: c.Ignored, setPaid: c.PaidAt != 0, setMuted: c.Muted,
		} {
			if has {
				choice.setAt[key] = record.UpdatedAt
			}
		}
	}
	return choice
}

// layChoices lays the choices over the bills that they are about. Of choices about one
// bill, under whatever ids, the last one of each kind counts.
func (b *Bills) layChoices() {
	own := slices.Clone(b.All)
	modified := make([]struct{ name, category, status bool }, len(b.All))
	for _, c := range b.thatSet(setName) { // first, because ids have names
		for _, i := range b.About(*c) {
			b.All[i].Name, modified[i].name = cmp.Or(c.CustomName, own[i].Name), c.CustomName != ""
		}
	}
	for _, c := range b.thatSet(setCategory) {
		for _, i := range b.About(*c) {
			b.All[i].Category, modified[i].category = cmp.Or(c.Category, own[i].Category), c.Category != ""
		}
	}
	for _, c := range b.thatSet(setStatus) {
		for _, i := range b.About(*c) {
			b.All[i].Status, modified[i].status = own[i].Status, c.Status == inactive
			if c.Status == inactive {
				b.All[i].Status = Cancelled
			}
		}
	}
	for _, c := range b.thatSet(setMuted) {
		for _, i := range b.About(*c) {
			b.All[i].Muted = c.Muted
		}
	}
	for i, by := range modified {
		b.All[i].Modified = own[i].Modified || by.name || by.category || by.status
	}
	b.layExclusions()
	b.layMarks()
}

// layExclusions excludes bills. A choice that is taken back under another id is none.
func (b *Bills) layExclusions() {
	for _, c := range b.thatSet(setIgnored) {
		for _, i := range b.excludes(*c) {
			b.All[i].Excluded = c.Ignored
		}
	}
	for i := range b.Choices {
		c := &b.Choices[i]
		about := b.excludes(*c)
		if len(about) > 0 && !slices.ContainsFunc(about, func(i int) bool { return b.All[i].Excluded }) {
			c.Ignored, c.ExcludedAt, c.ExclusionReason = false, 0, ""
		}
	}
}

// layMarks marks bills as paid. A mark whose payment is past, or that is taken back under
// another id, is taken off its choice.
func (b *Bills) layMarks() {
	marks := b.thatSet(setPaid)
	for _, c := range marks {
		for _, i := range b.About(*c) {
			b.All[i].Paid = c.PaidAt != 0 && c.paidFor == b.All[i].Due
		}
	}
	for _, c := range marks {
		about := b.About(*c)
		current := slices.ContainsFunc(about, func(i int) bool { return b.All[i].Paid && c.paidFor == b.All[i].Due })
		if !current && (len(about) > 0 || c.paidFor < b.Today) {
			c.PaidAt = 0
		}
	}
}

// thatSet returns the choices that set a value, the oldest setting first.
func (b *Bills) thatSet(key string) []*Choice {
	var all []*Choice
	for i := range b.Choices {
		if b.Choices[i].setAt[key] != 0 {
			all = append(all, &b.Choices[i])
		}
	}
	slices.SortStableFunc(all, func(a, b *Choice) int { return cmp.Compare(a.setAt[key], b.setAt[key]) })
	return all
}

// lastSet returns when the last choice was set.
func (b Bills) lastSet() (last int64) {
	for _, c := range b.Choices {
		for _, at := range c.setAt {
			last = max(last, at)
		}
	}
	return last
}

// About returns the indices of the bills that a choice is about: those with its id. Without
// any, it is the bill of the id's merchant, of the due day or the nearest amount where the
// id has one.
func (b *Bills) About(c Choice) []int {
	var exact, named []int
	said := parseID(c.BillID)
	for i, bill := range b.All {
		if bill.has(c.BillID) {
			exact = append(exact, i)
		}
		if bill.isOf(said.merchant) {
			named = append(named, i)
		}
	}
	switch {
	case len(exact) > 0 || len(named) == 0:
		return exact
	case said.amount != nil || said.day != 0:
		return []int{said.meant(b.All, named)}
	}
	return named
}

// excludes returns the indices of the bills that an exclusion is about: all of its
// merchant, as on the screens of the app.
func (b *Bills) excludes(c Choice) (all []int) {
	merchant := parseID(c.BillID).merchant
	for i, bill := range b.All {
		if bill.has(c.BillID) || bill.isOf(merchant) || c.CustomName != "" && bill.isOf(merchantOf(c.CustomName)) {
			all = append(all, i)
		}
	}
	return all
}

func (b Bill) has(id string) bool { return b.ID == id || slices.Contains(b.Aliases, id) }

// isOf reports whether the bill is of a merchant without punctuation.
func (b Bill) isOf(merchant string) bool {
	return merchant != "" && (bare(b.Merchant) == merchant || merchantOf(b.Name) == merchant)
}
