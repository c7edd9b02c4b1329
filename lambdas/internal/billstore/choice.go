package billstore

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// maxChoices is how many choices a user has.
	maxChoices = 500
	// unknownCycle is for how many days a mark as paid is kept of an id without a bill.
	unknownCycle = 31
)

var errTooManyChoices = apierror.New(http.StatusUnprocessableEntity, "BILL_PREFERENCE_LIMIT_REACHED", "You have as many bill preferences as there can be.")

// Edit is a change of a choice. Nil fields stay as they are.
type Edit struct {
	Category *categories.Code
	// Status is active or inactive.
	Status *string
	// Ignored says that it is no bill for the user. It sets when, and takes the reasons.
	Ignored                             *bool
	CustomName, ExclusionReason, Reason *string
	// Paid marks the next payment as paid, or takes the mark back.
	Paid *bool
	// Muted turns reminders off.
	Muted *bool
}

// Choose stores what the user chose about the bill of an id, and returns the choice as of
// a day. A mark as paid is for the payment that is due next on that day.
func (s *Store) Choose(ctx context.Context, userID string, today dates.Day, billID string, edit Edit) (Choice, error) {
	bills, err := s.Read(ctx, userID, today)
	if err != nil {
		return Choice{}, err
	}
	recordID, err := s.id(ctx, userID, choiceKind, billID)
	if err != nil {
		return Choice{}, err
	}
	known := false
	for _, choice := range bills.Choices {
		known = known || choice.BillID == billID
	}
	if !known && len(bills.Choices) >= maxChoices {
		return Choice{}, errTooManyChoices
	}
	var stored Choice
	fresh := func() tables.BillRecord {
		return tables.BillRecord{UserID: userID, RecordID: recordID, CreatedAt: s.now().UnixMilli()}
	}
	_, err = s.records.ModifyOrCreate(ctx, store.Key{userID, recordID}, fresh, func(r *tables.BillRecord) error {
		texts := choiceTexts{BillID: billID}
		if r.Texts != "" {
			if texts, err = open[choiceTexts](*r); err != nil {
				return err
			}
		}
		choice, setAt := tables.BillChoice{}, map[string]int64{}
		if r.Choice != nil {
			choice, setAt = *r.Choice, choiceOf(*r, texts).setAt
		}
		edit.apply(&choice, &texts, s.now().UnixMilli(), bills.dueOf(billID))
		// The setting is later than all that were read, also within a millisecond.
		choice.SetAt = edit.setAt(setAt, max(s.now().UnixMilli(), bills.lastSet()+1))
		r.Choice, r.UpdatedAt = &choice, s.now().UnixMilli()
		r.Texts, err = seal(texts)
		stored = choiceOf(*r, texts)
		return err
	})
	return stored, err
}

// dueOf returns the day on which the payment is due that a mark as paid is for.
func (b Bills) dueOf(billID string) dates.Day {
	for _, i := range b.About(Choice{BillID: billID}) {
		return b.All[i].Due
	}
	return billdetect.AddDays(b.Today, unknownCycle)
}

func (e Edit) apply(c *tables.BillChoice, texts *choiceTexts, now int64, due dates.Day) {
	if e.Category != nil {
		c.Category = string(*e.Category)
	}
	set(&c.Status, e.Status)
	set(&texts.CustomName, e.CustomName)
	set(&c.ExclusionReason, e.ExclusionReason)
	set(&texts.Reason, e.Reason)
	set(&c.Muted, e.Muted)
	if e.Ignored != nil && c.Ignored != *e.Ignored {
		c.Ignored, c.ExcludedAt = *e.Ignored, now
		if !c.Ignored {
			c.ExcludedAt, c.ExclusionReason = 0, ""
		}
	}
	if e.Paid != nil {
		c.PaidAt, c.PaidFor = now, string(due)
		if !*e.Paid {
			c.PaidAt, c.PaidFor = 0, ""
		}
	}
}

// setAt returns when the values of a choice were set, with those that the edit sets.
func (e Edit) setAt(before map[string]int64, at int64) map[string]int64 {
	after := maps.Clone(before)
	for key, sets := range map[string]bool{
		setCategory: e.Category != nil, setStatus: e.Status != nil, setName: e.CustomName != nil, setIgnored: e.Ignored != nil, setPaid: e.Paid != nil, setMuted: e.Muted != nil,
	} {
		if sets {
			after[key] = at
		}
	}
	return after
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Forget deletes what the user chose about an id and about other ids of its bill, or returns
// store.ErrNotFound.
func (s *Store) Forget(ctx context.Context, userID string, today dates.Day, billID string) error {
	bills, err := s.Read(ctx, userID, today)
	if err != nil {
		return err
	}
	about, found := bills.About(Choice{BillID: billID}), false
	for _, choice := range bills.Choices {
		if choice.BillID == billID || len(about) > 0 && slices.Equal(about, bills.About(choice)) {
			found = true
			if err := s.remove(ctx, userID, choice.BillID); err != nil {
				return err
			}
		}
	}
	if !found {
		return store.ErrNotFound
	}
	return nil
}

// remove deletes the choice of an id, if there is one.
func (s *Store) remove(ctx context.Context, userID, billID string) error {
	recordID, err := s.id(ctx, userID, choiceKind, billID)
	if err != nil {
		return err
	}
	if err := s.records.Remove(ctx, store.Key{userID, recordID}); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// Include takes back the exclusions of a merchant, or of an id, or returns
// store.ErrNotFound when there is none.
func (s *Store) Include(ctx context.Context, userID string, today dates.Day, pattern string) error {
	bills, err := s.Read(ctx, userID, today)
	if err != nil {
		return err
	}
	merchant, found := merchantOf(pattern), false
	for _, choice := range bills.Choices {
		of := parseID(choice.BillID).merchant
		if !choice.Ignored || choice.BillID != pattern && of != merchant && merchantOf(choice.CustomName) != merchant {
			continue
		}
		found = true
		if err := s.remove(ctx, userID, choice.BillID); err != nil {
			return err
		}
	}
	if !found {
		return store.ErrNotFound
	}
	return nil
}
