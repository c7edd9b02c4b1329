package notifications

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/expo"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// deliveryKept is how long a delivery is remembered: longer than a message may come
	// again out of the dead letters, where SQS keeps it for 14 days.
	deliveryKept = 60 * 24 * time.Hour
	// receiptsAfter is when receipts are read.
	// https://docs.expo.dev/push-notifications/sending-notifications/#check-push-receipts-for-errors
	receiptsAfter = 15 * time.Minute
)

// Deliver pushes a notice to the user's devices, once for a cause. In quiet hours the
// notice waits for their end.
//
// Expo does not recognise a message that comes again. So an attempt is stored before it
// sends, and there is no other after it unless Expo has said that it took nothing. When
// this function ends within an attempt, the notice is in the feed and may not be pushed.
func (p *push) Deliver(ctx context.Context, notice Notice) error {
	devices, err := p.devicesOf(ctx, notice)
	if errors.Is(err, accounts.ErrNotFound) || err == nil && len(devices.tokens) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	body, err := json.Marshal(notice)
	if err != nil {
		return err
	}
	item := notice.Item()
	delivery := tables.Delivery{UserID: item.UserID, ID: item.ID, Notice: string(body), ExpiresAt: p.now().Add(deliveryKept).Unix()}
	if end := p.waitsUntil(notice, devices); end.After(p.now()) {
		delivery.Queue, delivery.DueAt = tables.WaitingQueue, end.UnixMilli()
		return p.guard.Write(ctx, notice.UserID, p.deliveries.TxCreate(delivery))
	}
	delivery.Attempt = rand.Text()
	if err := p.guard.Write(ctx, notice.UserID, p.deliveries.TxCreate(delivery)); err != nil {
		return err
	}
	stored, err := p.deliveries.Get(ctx, store.Key{delivery.UserID, delivery.ID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) || err == nil && stored.Attempt == "" && stored.Queue == tables.WaitingQueue && stored.DueAt > p.now().UnixMilli() {
		return nil // the account is gone, or the notice waits
	}
	if err != nil {
		return err
	}
	if stored.Attempt == "" { // Expo took nothing at an earlier attempt
		return p.resume(ctx, *stored, notice, devices)
	}
	if stored.Attempt != delivery.Attempt {
		return nil // another attempt sends, or has sent
	}
	return p.send(ctx, *stored, notice, devices.tokens)
}

// resume sends a delivery that has waited, as the user's preferences are by now. In quiet
// hours, such as those that began while Expo took nothing, it waits for their end. It ends
// without a push when the user wants none by now, or when it waited for longer than
// a message waits for a phone.
func (p *push) resume(ctx context.Context, delivery tables.Delivery, notice Notice, devices devices) error {
	if end := p.waitsUntil(notice, devices); end.After(p.now()) {
		return p.postpone(ctx, delivery, end)
	}
	begun, err := p.begin(ctx, delivery, rand.Text())
	if err != nil || begun == nil || len(devices.tokens) == 0 {
		return err
	}
	if p.now().After(createdAt(delivery).Add(messageTTL)) {
		telemetry.FromContext(ctx).WarnContext(ctx, "push waited too long")
		return nil
	}
	return p.send(ctx, *begun, notice, devices.tokens)
}

// createdAt is when a delivery was stored.
func createdAt(delivery tables.Delivery) time.Time {
	return time.Unix(delivery.ExpiresAt, 0).Add(-deliveryKept)
}

// waitsUntil returns the end of the quiet hours for which a notice waits now, or now.
func (p *push) waitsUntil(notice Notice, devices devices) time.Time {
	if notice.Type == "security" {
		return p.now()
	}
	return quietUntil(p.now(), devices.alerts)
}

// postpone has a delivery wait until a moment, unless an attempt has begun.
func (p *push) postpone(ctx context.Context, delivery tables.Delivery, until time.Time) error {
	change := expression.Set(expression.Name("dueAt"), expression.Value(until.UnixMilli()))
	_, err := p.deliveries.Update(ctx, store.Key{delivery.UserID, delivery.ID}, change, expression.Name("attempt").AttributeNotExists())
	return store.IgnoreConditionFailed(store.IgnoreNotFound(err))
}

// begin stores that an attempt sends a delivery. It returns nil when another attempt does.
func (p *push) begin(ctx context.Context, delivery tables.Delivery, attempt string) (*tables.Delivery, error) {
	change := expression.Set(expression.Name("attempt"), expression.Value(attempt)).
		Remove(expression.Name("queue")).Remove(expression.Name("dueAt"))
	begun, err := p.deliveries.Update(ctx, store.Key{delivery.UserID, delivery.ID}, change, expression.Name("attempt").AttributeNotExists())
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConditionFailed) {
		return nil, nil
	}
	return begun, err
}

// send sends a delivery whose attempt is stored.
func (p *push) send(ctx context.Context, delivery tables.Delivery, notice Notice, tokens []tables.NotificationSetting) error {
	messages, err := p.messagesOf(ctx, notice, tokens)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, accounts.ErrNotFound) {
		return nil // the user has cleared the notifications: the attempt stays, so that there is no other
	}
	if err != nil {
		return errors.Join(err, p.giveBack(ctx, delivery))
	}
	outcomes, err := p.expo.Send(ctx, messages)
	if err != nil && !expo.IsUnknown(err) {
		return errors.Join(err, p.giveBack(ctx, delivery))
	}
	if err != nil {
		telemetry.FromContext(ctx).WarnContext(ctx, "push of unknown outcome", "error", err.Error())
		return nil
	}
	var tickets []tables.PushTicket
	for i, outcome := range outcomes {
		if outcome.Failure == "" {
			tickets = append(tickets, tables.PushTicket{TokenHash: tokens[i].TokenHash, BoundAt: tokens[i].BoundAt, ID: outcome.Ticket})
			continue
		}
		if err := p.failed(ctx, delivery.UserID, tokens[i].TokenHash, tokens[i].BoundAt, outcome.Failure); err != nil {
			return err
		}
	}
	if len(tickets) == 0 {
		return nil
	}
	change := expression.Set(expression.Name("tickets"), expression.Value(tickets)).
		Set(expression.Name("queue"), expression.Value(tables.ReceiptsQueue)).
		Set(expression.Name("dueAt"), expression.Value(p.now().Add(receiptsAfter).UnixMilli()))
	return p.change(ctx, delivery, change)
}

// giveBack stores that Expo took nothing, so that another attempt may send.
func (p *push) giveBack(ctx context.Context, delivery tables.Delivery) error {
	change := expression.Remove(expression.Name("attempt")).
		Set(expression.Name("queue"), expression.Value(tables.WaitingQueue)).
		Set(expression.Name("dueAt"), expression.Value(p.now().UnixMilli()))
	return p.change(ctx, delivery, change)
}

// change changes a delivery, unless it was erased.
func (p *push) change(ctx context.Context, delivery tables.Delivery, change expression.UpdateBuilder) error {
	_, err := p.deliveries.Update(ctx, store.Key{delivery.UserID, delivery.ID}, change)
	return store.IgnoreNotFound(err)
}

// failed removes a dead push token, and logs any other failure: it is a mistake of ours.
func (p *push) failed(ctx context.Context, userID, tokenHash string, boundAt int64, failure expo.Failure) error {
	if failure != expo.DeviceNotRegistered {
		telemetry.FromContext(ctx).ErrorContext(ctx, "push failed", "failure", string(failure))
		return nil
	}
	same := expression.Name("boundAt").Equal(expression.Value(boundAt)) // it was not registered again
	return store.IgnoreConditionFailed(p.owners.Delete(ctx, store.Key{userID, tables.PushTokenPrefix + tokenHash}, same))
}

// devices are where a user is notified, and when.
type devices struct {
	tokens []tables.NotificationSetting
	alerts tables.AlertPreferences
}

// devicesOf returns the devices to which a notice is pushed: none when the user does not
// want it, or has had as many as they want that day.
func (p *push) devicesOf(ctx context.Context, notice Notice) (devices, error) {
	page, err := p.settings.Query(ctx, store.Query{Partition: notice.UserID, Limit: 10 * maxTokens})
	if err != nil {
		return devices{}, err
	}
	found, wanted := devices{alerts: tables.DefaultAlertPreferences()}, tables.DefaultNotificationPreferences()
	for _, item := range page.Items {
		switch {
		case item.ID == tables.NotificationPreferencesID && item.Notifications != nil:
			wanted = *item.Notifications
		case item.ID == tables.AlertPreferencesID && item.Alerts != nil:
			found.alerts = *item.Alerts
		case item.TokenHash != "":
			latest, err := p.isLatest(ctx, item)
			if err != nil {
				return devices{}, err
			}
			if latest {
				found.tokens = append(found.tokens, item)
			}
		}
	}
	if !wanted.Push || !wants(wanted, notice.Type) {
		return devices{}, nil
	}
	if notice.Type != "security" && len(found.tokens) > 0 {
		full, err := p.hadEnough(ctx, notice, found.alerts.MaxPerDay)
		if err != nil || full {
			return devices{}, err
		}
	}
	return found, nil
}

// isLatest reports whether the user of a token is the latest who registered it.
func (p *push) isLatest(ctx context.Context, token tables.NotificationSetting) (bool, error) {
	owners, err := p.owners.Query(ctx, store.Query{Index: tables.NotificationSettingsByToken, Partition: token.TokenHash, Limit: maxOwners})
	for _, owner := range owners.Items {
		if owner.UserID != token.UserID && owner.BoundAt > token.BoundAt {
			return false, err
		}
	}
	return true, err
}

// wants reports whether a user wants to be told of notifications of a type.
func wants(wanted tables.NotificationPreferences, notificationType string) bool {
	switch notificationType {
	case "transaction":
		return wanted.Transactions
	case "budget":
		return wanted.Budgets
	}
	return true
}

// hadEnough reports whether a user has had as many notifications as they want on the day
// in London, this one left out.
func (p *push) hadEnough(ctx context.Context, notice Notice, most int) (bool, error) {
	local := p.now().In(calendar.Location())
	begin := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, calendar.Location())
	pushed := expression.Key("id").Between(expression.Value(store.TimeOrderedID(begin, "")), expression.Value(tables.DigestPrefix))
	page, err := p.deliveries.Query(ctx, store.Query{
		Partition: notice.UserID, Sort: pushed,
		KeysOnly: true, Limit: most + 1, Consistency: store.Consistent,
	})
	if err != nil {
		return false, err
	}
	own := notice.Item().ID
	for _, item := range page.Items {
		if item.ID == own {
			return false, nil
		}
	}
	return len(page.Items) >= most, nil
}
