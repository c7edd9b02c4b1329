package notifications

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Digest collects what digests tell of, and requests the digests that are due.
var Digest = function.Define(function.Spec[*digest]{
	Name:    "notifications-digest",
	Purpose: "Keeps notices for the digests of users who want one, and requests the digests that are due.",
	New: func(resources *function.Resources) (*digest, error) {
		return &digest{
			settings:   store.Open[tables.NotificationPreferencesItem](resources, tables.NotificationSettings),
			deliveries: store.Open[tables.Delivery](resources, tables.Deliveries),
			guard:      erasure.OpenGuard(resources),
			requests:   messaging.NewSender(sqs.NewFromConfig(resources.AWS), resources.Queue(DigestRequests.Queue), DigestRequests),
			now:        time.Now,
		}, nil
	},
	Events: []function.EventOf[*digest]{
		function.Consumes(Noticed, (*digest).Collect),
		function.OnSchedule(pollEvery, (*digest).Request),
	},
	Timeout: collectTime,
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.NotificationSettings.Allow(tables.GetItem),
			tables.Deliveries.Allow(tables.PutItem),
			tables.Deliveries.AllowQuery(tables.DeliveriesByQueue),
		},
		Sends: []*function.Queue{DigestRequests.Queue},
	}.And(erasure.GuardPermissions),
})

const (
	// collectTime is what collecting a notice takes at most. A notice within it before a
	// digest is due goes into the next one, so that none comes after its digest.
	collectTime = time.Minute
	// maxDigestPages is how many pages of maxPolled digests a run requests: 5,000 digests,
	// 20,000 an hour. Later runs request the others.
	maxDigestPages = 50
)

// DigestRequest asks for the digest of a user that has this id in Deliveries.
type DigestRequest struct {
	UserID string `json:"userId"`
	ID     string `json:"id"`
}

// DigestRequests has a message for each digest that is due.
var DigestRequests = function.NewQueue[DigestRequest](function.Queue{
	Name:      "digest-requests",
	Purpose:   "The digest of a user is due.",
	Attempts:  8, // over 45 minutes
	FirstWait: 30 * time.Second,
	MaxWait:   15 * time.Minute,
})

type digest struct {
	settings   *store.Table[tables.NotificationPreferencesItem]
	deliveries *store.Table[tables.Delivery]
	guard      *erasure.Guard
	requests   interface {
		Send(ctx context.Context, messages ...messaging.Message[DigestRequest]) error
	}
	now func() time.Time
}

// Collect keeps a notice for the user's next digest, once, when the user wants one. What a
// client sends to its own user is in no digest: only texts of ours go out by e-mail.
func (d *digest) Collect(ctx context.Context, notice Notice) error {
	if notice.Event == Sent {
		return nil
	}
	chosen, err := d.settings.Get(ctx, store.Key{notice.UserID, tables.NotificationPreferencesID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	wanted := chosen.Notifications
	if wanted.EmailDigest == "" || !wants(wanted, notice.Type) {
		return nil
	}
	body, err := json.Marshal(notice)
	if err != nil {
		return err
	}
	due := nextDigest(d.now().Add(collectTime), wanted.EmailDigest, calendar.Location())
	expires := d.now().Add(deliveryKept).Unix()
	header := tables.Delivery{
		UserID: notice.UserID, ID: tables.DigestPrefix + string(dates.DayOf(due)), Queue: tables.DigestsQueue, DueAt: due.UnixMilli(), ExpiresAt: expires,
	}
	if err := d.guard.Write(ctx, notice.UserID, notice.source(), d.deliveries.TxCreate(header)); err != nil {
		return err
	}
	// The id has no day, so that a notice that comes again later is in one digest.
	part := tables.Delivery{UserID: notice.UserID, ID: tables.NoticedPrefix + notice.Item().ID, Notice: string(body), DueAt: due.UnixMilli(), ExpiresAt: expires}
	return d.guard.Write(ctx, notice.UserID, notice.source(), d.deliveries.TxCreate(part))
}

// Request requests the digests that are due. One whose message nothing has received by the
// next run is requested again, and sent once.
func (d *digest) Request(ctx context.Context) error {
	due := expression.Key("dueAt").LessThanEqual(expression.Value(d.now().UnixMilli()))
	requested, after := 0, ""
	for range maxDigestPages {
		page, err := d.deliveries.Query(ctx, store.Query{
			Index: tables.DeliveriesByQueue, Partition: tables.DigestsQueue, Sort: due, KeysOnly: true, Limit: maxPolled, After: after,
		})
		if err != nil {
			return err
		}
		messages := make([]messaging.Message[DigestRequest], len(page.Items))
		for i, found := range page.Items {
			// The id of a message is logged, so it is not made of the user's id.
			messages[i] = messaging.Message[DigestRequest]{ID: rand.Text(), Body: DigestRequest{UserID: found.UserID, ID: found.ID}}
		}
		if err := d.requests.Send(ctx, messages...); err != nil {
			return err
		}
		requested += len(page.Items)
		if after = page.Next; after == "" {
			break
		}
	}
	if requested > 0 {
		telemetry.FromContext(ctx).InfoContext(ctx, "digests are requested", "digests", requested)
	}
	return nil
}
