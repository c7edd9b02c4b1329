package billstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// SavePermissions are for SaveSeries.
var SavePermissions = sealed.Permissions(tables.Bills, tables.GetItem, tables.PutItem, tables.DeleteItem).And(erasure.GuardPermissions)

// maxPayments is how many payments of a bill are kept, the last ones.
const maxPayments = 12

// Merchant is what is known of a merchant with detected bills.
type Merchant struct {
	// Normalised is the normalised merchant, and Name the merchant as the bank or the user
	// writes it.
	Normalised, Name string
}

// Detection is the bills that were detected among the payments to a merchant.
type Detection struct {
	Series []billdetect.Series
	// Categories are the canonical codes of the series.
	Categories []string
	// Describe returns the merchant. It is called for a merchant whose bills are new. False
	// says that its payments are no bills.
	Describe func(ctx context.Context) (Merchant, bool, error)

	userID, recordID string
	before           *tables.BillRecord // nil for none
	source           erasure.Source
}

// NewDetection returns a detection without series for a merchant whose payments are not read
// yet. It reads what is stored, so that SaveSeries knows of a detection that came between.
func (s *Store) NewDetection(ctx context.Context, userID, merchantHash string) (Detection, error) {
	d := Detection{userID: userID, recordID: seriesKind + merchantHash, source: erasure.ReadAt(s.now())}
	before, err := s.records.Get(ctx, store.Key{d.userID, d.recordID})
	if errors.Is(err, store.ErrNotFound) {
		return d, nil
	}
	d.before = before
	return d, err
}

// SaveSeries stores the bills of a merchant in place of those that were detected before.
// A bill that shares a payment with one of those keeps its id. Nothing is written when
// nothing changed, or when the user has no account. It returns store.ErrConditionFailed
// when another detection of the merchant wrote since NewDetection, and erasure.ErrUnfinished
// when the payments may be from before an erasure.
func (s *Store) SaveSeries(ctx context.Context, guard *erasure.Guard, d Detection) error {
	if len(d.Series) == 0 {
		if d.before == nil {
			return nil
		}
		return s.write(ctx, guard, d, s.records.TxDelete(store.Key{d.userID, d.recordID}, unchanged(d.before)))
	}
	texts, known, err := d.texts(ctx)
	if err != nil || !known {
		return err
	}
	now := s.now().UnixMilli()
	record := tables.BillRecord{UserID: d.userID, RecordID: d.recordID, CreatedAt: now, UpdatedAt: now, Version: rand.Text(), Zone: calendar.Zone}
	if d.before != nil {
		record.CreatedAt = d.before.CreatedAt
	}
	if err := d.fill(&record, texts, now); err != nil {
		return err
	}
	if d.before != nil && sameSeries(d.before.Series, record.Series) {
		return nil
	}
	write, err := s.records.TxPut(ctx, d.userID, record, unchanged(d.before))
	if err != nil {
		return err
	}
	return s.write(ctx, guard, d, write)
}

// write does a write of a detection. The data key, which the detection has read, is that
// of an account: without a write, another detection came between or the account goes.
func (s *Store) write(ctx context.Context, guard *erasure.Guard, d Detection, write store.Write) error {
	written, err := guard.TryWrite(ctx, d.userID, d.source, write)
	if err != nil || written {
		return err
	}
	if _, err := s.records.Hash(ctx, d.userID, seriesKind); err != nil { // which reads the account
		return err
	}
	return store.ErrConditionFailed
}

// texts returns the texts that are stored, or those of a merchant without bills before.
func (d Detection) texts(ctx context.Context) (seriesTexts, bool, error) {
	if d.before != nil {
		texts, err := open[seriesTexts](*d.before)
		return texts, true, err
	}
	merchant, is, err := d.Describe(ctx)
	return seriesTexts{Merchant: merchant.Normalised, Name: merchant.Name}, is, err
}

// fill sets the series and the texts of a record.
func (d Detection) fill(record *tables.BillRecord, texts seriesTexts, now int64) error {
	ids := make([]string, len(d.Series))
	for i, series := range d.Series {
		stored := item(series, d.Categories[i], now)
		if d.before != nil {
			if at := predecessor(series, d.before.Series); at >= 0 && !slices.Contains(ids, texts.IDs[at]) {
				ids[i], stored.FoundAt = texts.IDs[at], d.before.Series[at].FoundAt
			}
		}
		record.Series = append(record.Series, stored)
	}
	for i, series := range d.Series {
		if ids[i] == "" {
			ids[i] = newID(texts.Merchant, series.Schedule.Cadence, func(id string) bool { return slices.Contains(ids, id) })
		}
	}
	texts.IDs = ids
	sealed, err := seal(texts)
	record.Texts = sealed
	return err
}

// predecessor returns the stored series that shares the most payments, or -1.
func predecessor(series billdetect.Series, stored []tables.BillSeries) int {
	best, most := -1, 0
	for i, other := range stored {
		shared := 0
		for _, p := range other.Payments {
			if series.Has(p.ID) {
				shared++
			}
		}
		if shared > most {
			best, most = i, shared
		}
	}
	return best
}

// item returns a series as it is stored.
func item(s billdetect.Series, category string, now int64) tables.BillSeries {
	stored := tables.BillSeries{
		Cadence: string(s.Schedule.Cadence), Anchor: string(s.Schedule.Anchor), DayOfMonth: s.Schedule.DayOfMonth, Last: s.Last,
		Amount: s.Amount, Varies: s.Varies, Confidence: s.Confidence, Category: category, FoundAt: now,
	}
	if s.Change != nil {
		stored.Change = &tables.BillPriceChange{Day: string(s.Change.Day), From: s.Change.From, To: s.Change.To}
	}
	amounts := []money.Amount(nil)
	for _, p := range s.Payments[max(0, len(s.Payments)-maxPayments):] {
		stored.Payments = append(stored.Payments, tables.BillPayment{ID: p.ID, Day: string(p.Day), Amount: p.Amount.Abs()})
		amounts = append(amounts, p.Amount.Abs())
	}
	stored.Average = average(amounts)
	return stored
}

// average returns the mean of amounts, in pence.
func average(amounts []money.Amount) money.Amount {
	sum := money.Sum(amounts...).Decimal().Shift(2).IntPart()
	return money.FromMinor(sum/int64(len(amounts)), 2)
}

// unchanged is the condition that a record is as it was read.
func unchanged(before *tables.BillRecord) expression.ConditionBuilder {
	if before == nil {
		return expression.AttributeNotExists(expression.Name(tables.Bills.SortKey.Name))
	}
	return expression.Name("version").Equal(expression.Value(before.Version))
}

func sameSeries(a, b []tables.BillSeries) bool {
	one, err1 := json.Marshal(a)
	other, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(one) == string(other)
}
