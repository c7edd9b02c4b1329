package notifications

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/expo"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// maxPolled is how many deliveries of a queue one run reads. The next run reads others.
	maxPolled = 100
	// receiptsKept is for how long Expo keeps receipts at least.
	receiptsKept = 24 * time.Hour
)

// Poll sends the notices whose quiet hours are over and reads the receipts of those that
// were sent.
func (p *push) Poll(ctx context.Context) error {
	return errors.Join(p.sendWaiting(ctx), p.readReceipts(ctx))
}

// due returns deliveries of a queue that are due, the earliest first.
func (p *push) due(ctx context.Context, queue string) ([]tables.Delivery, error) {
	page, err := p.deliveries.Query(ctx, store.Query{
		Index: tables.DeliveriesByQueue, Partition: queue, Limit: maxPolled,
		Sort: expression.Key("dueAt").LessThanEqual(expression.Value(p.now().UnixMilli())),
	})
	if err != nil {
		return nil, err
	}
	var found []tables.Delivery
	for _, key := range page.Items {
		// The index is a moment old.
		item, err := p.deliveries.Get(ctx, store.Key{key.UserID, key.ID}, store.Consistent)
		if errors.Is(err, store.ErrNotFound) || err == nil && item.Queue != queue {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, *item)
	}
	return found, nil
}

func (p *push) sendWaiting(ctx context.Context) error {
	waiting, err := p.due(ctx, tables.WaitingQueue)
	problems := []error{err}
	for _, delivery := range waiting {
		problems = append(problems, p.sendDue(ctx, delivery))
	}
	return errors.Join(problems...)
}

// sendDue sends a notice that has waited, as the user's preferences are by now.
func (p *push) sendDue(ctx context.Context, delivery tables.Delivery) error {
	var notice Notice
	if err := json.Unmarshal([]byte(delivery.Notice), &notice); err != nil {
		return err
	}
	devices, err := p.devicesOf(ctx, notice)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return err
	}
	begun, err := p.begin(ctx, delivery, rand.Text())
	if err != nil || begun == nil || len(devices.tokens) == 0 {
		return err
	}
	return p.send(ctx, *begun, notice, devices.tokens)
}

// readReceipts removes the push tokens that Apple and Google say are dead.
func (p *push) readReceipts(ctx context.Context) error {
	sent, err := p.due(ctx, tables.ReceiptsQueue)
	if err != nil || len(sent) == 0 {
		return err
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
	var problems []error
	for _, delivery := range sent {
		problems = append(problems, p.settle(ctx, delivery, receipts))
	}
	return errors.Join(problems...)
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
	begun := time.Unix(delivery.ExpiresAt, 0).Add(-deliveryKept)
	if missing && p.now().Before(begun.Add(receiptsKept)) {
		return p.change(ctx, delivery, expression.Set(expression.Name("dueAt"), expression.Value(p.now().Add(receiptsAfter).UnixMilli())))
	}
	return p.change(ctx, delivery, expression.Remove(expression.Name("queue")).Remove(expression.Name("dueAt")).Remove(expression.Name("tickets")))
}
