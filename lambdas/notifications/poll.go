package notifications

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"golang.org/x/sync/errgroup"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/expo"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// maxPolled is how many deliveries of a queue are read at once, and maxAtOnce for how many
	// users, or of how many deliveries, the work is done at the same time.
	maxPolled, maxAtOnce = 100, 8
	// sendTime is what a delivery takes at most. Expo has eight seconds for a request, and
	// there are two when its access token was changed. A run begins none in its last seconds:
	// the push of a delivery that is cut off is lost.
	sendTime = 20 * time.Second
	// receiptsKept is for how long Expo keeps receipts at least.
	receiptsKept = 24 * time.Hour
)

// Poll sends the notices whose quiet hours are over and reads the receipts of those that
// were sent. The next run does what is left when the time is up.
func (p *push) Poll(ctx context.Context) error {
	return errors.Join(p.sendWaiting(ctx), p.readReceipts(ctx))
}

// due returns a page of the deliveries of a queue that are due by a moment, the earliest
// first.
func (p *push) due(ctx context.Context, queue string, by time.Time, after string) (found []tables.Delivery, next string, err error) {
	page, err := p.deliveries.Query(ctx, store.Query{
		Index: tables.DeliveriesByQueue, Partition: queue, Limit: maxPolled, After: after,
		Sort: expression.Key("dueAt").LessThanEqual(expression.Value(by.UnixMilli())),
	})
	if err != nil {
		return nil, "", err
	}
	for _, key := range page.Items {
		// The index is a moment old.
		item, err := p.deliveries.Get(ctx, store.Key{key.UserID, key.ID}, store.Consistent)
		if errors.Is(err, store.ErrNotFound) || err == nil && item.Queue != queue {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		found = append(found, *item)
	}
	return found, page.Next, nil
}

// sendWaiting sends page by page what is due when it begins.
func (p *push) sendWaiting(ctx context.Context) error {
	begun, after := p.now(), ""
	var problems []error
	for p.hasTime(ctx) {
		waiting, next, err := p.due(ctx, tables.WaitingQueue, begun, after)
		problems = append(problems, err, p.sendAll(ctx, waiting))
		if after = next; after == "" {
			break
		}
	}
	return errors.Join(problems...)
}

// sendAll sends deliveries to some users at a time, until the time is up. Those of a user
// follow each other, since all of them change the number of the user's pushes.
func (p *push) sendAll(ctx context.Context, waiting []tables.Delivery) error {
	byUser := map[string][]tables.Delivery{}
	for _, delivery := range waiting {
		byUser[delivery.UserID] = append(byUser[delivery.UserID], delivery)
	}
	return atOnce(slices.Collect(maps.Values(byUser)), func(deliveries []tables.Delivery) error {
		var problems []error
		for _, delivery := range deliveries {
			if p.hasTime(ctx) {
				problems = append(problems, p.sendDue(ctx, delivery))
			}
		}
		return errors.Join(problems...)
	})
}

// atOnce does work for all items, for some of them at the same time. It returns the errors.
func atOnce[T any](items []T, work func(T) error) error {
	problems := make([]error, len(items))
	var all errgroup.Group
	all.SetLimit(maxAtOnce)
	for i, item := range items {
		all.Go(func() error {
			problems[i] = work(item)
			return nil
		})
	}
	_ = all.Wait() // the problems are collected
	return errors.Join(problems...)
}

// hasTime reports whether a run has the time to send another delivery.
func (p *push) hasTime(ctx context.Context) bool {
	end, limited := ctx.Deadline()
	return !limited || end.Sub(p.now()) >= sendTime
}

// sendDue sends a notice that has waited.
func (p *push) sendDue(ctx context.Context, delivery tables.Delivery) error {
	var notice Notice
	if err := json.Unmarshal([]byte(delivery.Notice), &notice); err != nil {
		return err
	}
	devices, err := p.devicesOf(ctx, notice)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return err
	}
	return p.resume(ctx, delivery, notice, devices)
}

// readReceipts removes the push tokens that Apple and Google say are dead. It reads page by
// page what is due when it begins, and asks for the receipts of many users at once.
func (p *push) readReceipts(ctx context.Context) error {
	begun, after := p.now(), ""
	var problems []error
	var sent []tables.Delivery
	tickets := 0
	for p.hasTime(ctx) {
		page, next, err := p.due(ctx, tables.ReceiptsQueue, begun, after)
		problems = append(problems, err)
		for _, delivery := range page {
			if tickets+len(delivery.Tickets) > expo.MaxReceipts {
				problems = append(problems, p.settleAll(ctx, sent))
				sent, tickets = nil, 0
			}
			sent, tickets = append(sent, delivery), tickets+len(delivery.Tickets)
		}
		if after = next; after == "" {
			break
		}
	}
	return errors.Join(append(problems, p.settleAll(ctx, sent))...)
}

// settleAll reads the receipts of deliveries, unless the time is up, and acts on them.
func (p *push) settleAll(ctx context.Context, sent []tables.Delivery) error {
	if len(sent) == 0 || !p.hasTime(ctx) {
		return nil
	}
	var ids []string
	for _, delivery := range sent {
		for _, ticket := range delivery.Tickets {
			ids = append(ids, ticket.ID)
		}
	}
	receipts, err := p.expo.Receipts(ctx, ids)
	if err != nil {
		return err
	}
	return atOnce(sent, func(delivery tables.Delivery) error { return p.settle(ctx, delivery, receipts) })
}

// settle acts on the receipts of a delivery. Tickets without a receipt are asked for again
// at the next runs, for a day.
func (p *push) settle(ctx context.Context, delivery tables.Delivery, receipts map[string]expo.Failure) error {
	missing := false
	for _, ticket := range delivery.Tickets {
		failure, known := receipts[ticket.ID]
		if missing = missing || !known; failure == "" {
			continue
		}
		if err := p.failed(ctx, delivery.UserID, ticket.TokenHash, ticket.BoundAt, failure); err != nil {
			return err
		}
	}
	if missing && p.now().Before(createdAt(delivery).Add(receiptsKept)) {
		return p.change(ctx, delivery, expression.Set(expression.Name("dueAt"), expression.Value(p.now().Add(receiptsAfter).UnixMilli())))
	}
	return p.change(ctx, delivery, expression.Remove(expression.Name("queue")).Remove(expression.Name("dueAt")).Remove(expression.Name("tickets")))
}
