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
	// countKept is for how long the number of a day's pushes is kept.
	countKept = 48 * time.Hour
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
		return p.guard.Write(ctx, notice.UserID, notice.source(), p.deliveries.TxCreate(delivery))
	}
	delivery.Attempt = rand.Text()
	var count []store.Write
	delivery.CountedBy, count = p.count(notice, devices)
	begun, err := p.guard.TryWrite(ctx, notice.UserID, notice.source(), append(count, p.deliveries.TxCreate(delivery))...)
	if err != nil {
		return err
	}
	if begun {
		return p.send(ctx, delivery, notice, devices.tokens)
	}
	stored, err := p.deliveries.Get(ctx, store.Key{delivery.UserID, delivery.ID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return nil // the account or the data are erased, or the user has had enough that day
	}
	if err != nil || stored.Attempt != "" || stored.DueAt > p.now().UnixMilli() {
		return err // another attempt sends, or has sent, or the notice waits
	}
	return p.resume(ctx, *stored, notice, devices)
}

// resume sends a delivery that has waited, as the user's preferences are by now. In quiet
// hours, such as those that began while Expo took nothing, it waits for their end. It ends
// without a push when the user wants none by now or has had enough that day, or when it
// waited for longer than a message waits for a phone.
func (p *push) resume(ctx context.Context, delivery tables.Delivery, notice Notice, devices devices) error {
	if len(devices.tokens) == 0 {
		return p.changeWaiting(ctx, delivery, began())
	}
	if p.now().After(createdAt(delivery).Add(messageTTL)) {
		telemetry.FromContext(ctx).WarnContext(ctx, "push waited too long")
		return p.changeWaiting(ctx, delivery, began())
	}
	if end := p.waitsUntil(notice, devices); end.After(p.now()) {
		return p.changeWaiting(ctx, delivery, expression.Set(expression.Name("dueAt"), expression.Value(end.UnixMilli())))
	}
	id, count := p.count(notice, devices)
	change := began()
	if id != "" {
		change = change.Set(expression.Name("countedBy"), expression.Value(id))
	}
	begin := p.deliveries.Notes().TxUpdate(store.Key{delivery.UserID, delivery.ID}, change, waits(delivery))
	begun, err := p.guard.TryWrite(ctx, notice.UserID, notice.source(), append(count, begin)...)
	if err != nil {
		return err
	}
	if !begun { // the user has had enough that day or has erased the data, unless it waits no more
		return p.changeWaiting(ctx, delivery, began())
	}
	delivery.CountedBy = id
	return p.send(ctx, delivery, notice, devices.tokens)
}

// began stores that an attempt begins to send a delivery that has waited.
func began() expression.UpdateBuilder {
	return attempted().Remove(expression.Name("queue")).Remove(expression.Name("dueAt"))
}

// waits is the condition that a delivery waits as it did when it was read: no attempt has
// begun since.
func waits(delivery tables.Delivery) expression.ConditionBuilder {
	return expression.Name("dueAt").Equal(expression.Value(delivery.DueAt))
}

// changeWaiting changes a delivery that was read, if it waits as before.
func (p *push) changeWaiting(ctx context.Context, delivery tables.Delivery, change expression.UpdateBuilder) error {
	_, err := p.deliveries.Notes().Update(ctx, store.Key{delivery.UserID, delivery.ID}, change, waits(delivery))
	return store.IgnoreConditionFailed(store.IgnoreNotFound(err))
}

// count returns the write that counts an attempt, among those of the day in London, and the
// id of the item with the number. Its condition fails when the user has had as many as they
// want on that day. Notices about security are not counted.
func (p *push) count(notice Notice, devices devices) (id string, writes []store.Write) {
	if notice.Type == "security" {
		return "", nil
	}
	now, pushes, most := p.now(), expression.Name("pushes"), devices.alerts.MaxPerDay
	fewer := pushes.LessThan(expression.Value(most))
	if most > 0 {
		fewer = fewer.Or(pushes.AttributeNotExists())
	}
	id = tables.PushesPrefix + string(calendar.DayOf(now))
	change := expression.Add(pushes, expression.Value(1)).
		Set(expression.Name("expiresAt"), expression.Value(now.Add(countKept).Unix()))
	return id, []store.Write{p.deliveries.TxUpsert(store.Key{notice.UserID, id}, change, fewer)}
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

// giveBack stores that Expo took nothing, so that another attempt may send. The attempt
// counts no more.
func (p *push) giveBack(ctx context.Context, delivery tables.Delivery) error {
	change := expression.Remove(expression.Name("attempt")).Remove(expression.Name("countedBy")).
		Set(expression.Name("queue"), expression.Value(tables.WaitingQueue)).
		Set(expression.Name("dueAt"), expression.Value(p.now().UnixMilli()))
	writes := []store.Write{p.deliveries.Notes().TxUpdate(store.Key{delivery.UserID, delivery.ID}, change)}
	if delivery.CountedBy != "" {
		fewer := expression.Add(expression.Name("pushes"), expression.Value(-1))
		writes = append(writes, p.deliveries.TxUpdate(store.Key{delivery.UserID, delivery.CountedBy}, fewer))
	}
	return store.IgnoreConditionFailed(p.deliveries.Transact(ctx, writes...)) // unless they were erased
}

// change changes a delivery, unless it was erased.
func (p *push) change(ctx context.Context, delivery tables.Delivery, change expression.UpdateBuilder) error {
	_, err := p.deliveries.Notes().Update(ctx, store.Key{delivery.UserID, delivery.ID}, change)
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
// want it.
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
