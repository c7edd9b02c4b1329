package billstore

import (
	"context"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// EditPermissions are for SaveFound, ClearFound, Choose, Forget and Include.
var EditPermissions = sealed.Permissions(tables.Bills, tables.Query, tables.GetItem, tables.PutItem, tables.UpdateItem, tables.DeleteItem, tables.BatchWriteItem)

// maxFound is how many bills of devices a user has.
const maxFound = 300

var errTooMany = apierror.New(http.StatusUnprocessableEntity, "BILL_LIMIT_REACHED", "You have as many bills as there can be.")

// Found is a bill that a device found. Amounts are positive.
type Found struct {
	ID, Name, Merchant  string
	AccountID, BankName string
	Bill                tables.DeviceBill
	Descriptions        []string // of the payments
}

// SaveFound stores bills that a device found: one for each normalised merchant, which
// keeps the ids that it had. Those with fewer than two payments are left out. It returns
// how many it stored, and the bills of the user as of a day. It never changes what was
// detected or chosen.
func (s *Store) SaveFound(ctx context.Context, userID string, today dates.Day, all []Found) (int, Bills, error) {
	all = slices.DeleteFunc(all, func(f Found) bool { return len(f.Bill.Payments) < 2 })
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = merchantOf(one.Merchant)
	}
	hashes, err := s.records.HashEach(ctx, userID, deviceKind, names...)
	if err != nil {
		return 0, Bills{}, err
	}
	records, err := s.read(ctx, userID)
	if err != nil {
		return 0, Bills{}, err
	}
	changed := map[string]bool{}
	for i, one := range all {
		recordID := deviceKind + hashes[i]
		if records, err = s.add(records, userID, recordID, one, changed[recordID]); err != nil {
			return 0, Bills{}, err
		}
		changed[recordID] = true
	}
	if count(records, deviceKind) > maxFound {
		return 0, Bills{}, errTooMany
	}
	if len(changed) > 0 {
		puts := slices.DeleteFunc(slices.Clone(records), func(r tables.BillRecord) bool { return !changed[r.RecordID] })
		if err := s.records.PutAll(ctx, userID, puts...); err != nil {
			return 0, Bills{}, err
		}
	}
	bills, err := assemble(records, today)
	return len(changed), bills, err
}

// add returns records with a device's bill, in place of the one with its merchant. Of two
// bills of a merchant in one request, the one with more payments counts.
func (s *Store) add(records []tables.BillRecord, userID, recordID string, one Found, again bool) ([]tables.BillRecord, error) {
	now := s.now().UnixMilli()
	record := tables.BillRecord{UserID: userID, RecordID: recordID, CreatedAt: now, UpdatedAt: now, Device: &one.Bill, Zone: calendar.Zone}
	texts := deviceTexts{
		Merchant: merchants.Normalise(one.Merchant), Name: one.Name, AccountID: one.AccountID, BankName: one.BankName, Descriptions: one.Descriptions,
	}
	if at := slices.IndexFunc(records, func(r tables.BillRecord) bool { return r.RecordID == recordID }); at >= 0 {
		stored := records[at]
		before, err := open[deviceTexts](stored)
		if err != nil {
			return nil, err
		}
		if again && len(stored.Device.Payments) > len(one.Bill.Payments) {
			texts, record.Device = before, stored.Device
		}
		record.CreatedAt, texts.IDs, texts.Sent = stored.CreatedAt, before.IDs, before.Sent
		records = slices.Delete(records, at, at+1)
	}
	texts.IDs = withID(texts.IDs, one.ID)
	texts.Sent = withSent(texts.Sent, texts.IDs, one)
	sealed, err := seal(texts)
	record.Texts = sealed
	return append(records, record), err
}

// maxIDs is how many ids a bill of devices keeps.
const maxIDs = 10

// withID returns ids with one as the newest.
func withID(ids []string, id string) []string {
	ids = slices.DeleteFunc(slices.Clone(ids), func(other string) bool { return other == id })
	ids = append(ids, id)
	return ids[max(0, len(ids)-maxIDs):]
}

// withSent returns what was sent under ids, with a bill.
func withSent(before map[string]sentBill, ids []string, one Found) map[string]sentBill {
	after := map[string]sentBill{}
	for _, id := range ids {
		if sent, has := before[id]; has {
			after[id] = sent
		}
	}
	sent := sentBill{Amount: one.Bill.Amount}
	if cadence := billdetect.Cadence(one.Bill.Frequency); cadence != billdetect.Weekly {
		sent.Day = billdetect.ScheduleFrom(cadence, dates.Day(one.Bill.Due)).DayOfMonth
	}
	after[one.ID] = sent
	return after
}

func count(records []tables.BillRecord, kind string) (n int) {
	for _, record := range records {
		if is(kind, record) {
			n++
		}
	}
	return n
}

// ClearFound deletes the bills that devices found.
func (s *Store) ClearFound(ctx context.Context, userID string) error {
	page, err := s.items.Query(ctx, store.Query{
		Partition: userID, Limit: maxRecords, KeysOnly: true, Consistency: store.Consistent,
		Sort: expression.Key(tables.Bills.SortKey.Name).BeginsWith(deviceKind),
	})
	if err != nil || len(page.Items) == 0 {
		return err
	}
	keys := make([]store.Key, len(page.Items))
	for i, item := range page.Items {
		keys[i] = s.items.KeyOf(item)
	}
	return s.items.WriteAll(ctx, nil, keys)
}
