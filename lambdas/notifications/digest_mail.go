package notifications

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/unsubscribe"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Email sends digests by e-mail.
var Email = function.Define(function.Spec[*digestMail]{
	Name:    "notifications-email",
	Purpose: "Sends the digests that are due by e-mail, each once.",
	New: func(resources *function.Resources) (*digestMail, error) {
		return &digestMail{
			settings:   store.Open[tables.NotificationPreferencesItem](resources, tables.NotificationSettings),
			deliveries: store.Open[tables.Delivery](resources, tables.Deliveries),
			accounts:   accounts.Open(resources),
			guard:      erasure.OpenGuard(resources),
			links:      unsubscribe.Open(resources),
			domain:     strings.Join(resources.Setting(function.APIDomain), ""),
			mail:       email.Open(resources),
			now:        time.Now,
		}, nil
	},
	Events: []function.EventOf[*digestMail]{function.Receives(DigestRequests, (*digestMail).Send)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.NotificationSettings.Allow(tables.GetItem, tables.ConditionCheckItem),
			tables.Deliveries.Allow(tables.GetItem, tables.Query, tables.UpdateItem),
		},
		SendEmail: true,
		Settings:  []function.Setting{function.APIDomain},
	}.And(sealed.DataKeyPermissions).And(erasure.GuardPermissions).And(unsubscribe.Permissions),
	Timeout: 20 * time.Second,
})

const (
	// maxShown is how many notices a digest shows, and maxCollected how many it counts.
	maxShown, maxCollected = 20, 500
	// digestSpan is from when before its digest a notice can be: a week of collecting, and
	// two in which its message waits among the dead letters.
	digestSpan = 21 * 24 * time.Hour
)

type digestMail struct {
	settings   *store.Table[tables.NotificationPreferencesItem]
	deliveries *store.Table[tables.Delivery]
	accounts   interface {
		Get(ctx context.Context, userID string) (*tables.User, error)
	}
	guard *erasure.Guard
	links interface {
		URL(ctx context.Context, domain string, list unsubscribe.List, userID string) (string, error)
	}
	domain string
	mail   interface {
		SendToList(ctx context.Context, to string, message emailtemplates.Message, link string) error
	}
	now func() time.Time
}

// Send sends a digest, once at most. Like a push, an attempt is stored before it sends, and
// there is no other after it unless SES has taken nothing. When this function ends within an
// attempt, the notices are in the feed only.
func (m *digestMail) Send(ctx context.Context, request DigestRequest) error {
	key, began := store.Key{request.UserID, request.ID}, erasure.ReadAt(m.now())
	due, err := m.deliveries.Get(ctx, key, store.Consistent)
	if errors.Is(err, store.ErrNotFound) || err == nil && due.Attempt != "" {
		return nil // the user is erased, or another attempt sends, or has sent
	}
	if err != nil {
		return err
	}
	if due.Queue != "" { // from here on the message alone brings it again
		if _, err := m.deliveries.Notes().Update(ctx, key, expression.Remove(expression.Name("queue"))); err != nil {
			return store.IgnoreNotFound(err)
		}
	}
	to, message, err := m.compose(ctx, *due)
	if err != nil {
		return err
	}
	if to == "" {
		_, err := m.deliveries.Notes().Update(ctx, key, attempted())
		return store.IgnoreNotFound(err)
	}
	link, err := m.links.URL(ctx, m.domain, unsubscribe.Digest, request.UserID)
	if err != nil {
		return err
	}
	// The digest is still wanted, the account is there, and no other attempt has begun.
	wanted := m.settings.TxConditionCheck(store.Key{request.UserID, tables.NotificationPreferencesID}, expression.Name("notifications.emailDigest").AttributeExists())
	begin := m.deliveries.Notes().TxUpdate(key, attempted(), expression.Name("attempt").AttributeNotExists())
	if begun, err := m.guard.TryWrite(ctx, request.UserID, began, wanted, begin); err != nil || !begun {
		return err
	}
	return m.deliver(ctx, key, to, message, link)
}

// deliver sends a digest whose attempt is stored.
func (m *digestMail) deliver(ctx context.Context, key store.Key, to string, message emailtemplates.Message, link string) error {
	err := m.mail.SendToList(ctx, to, message, link)
	switch {
	case errors.Is(err, email.ErrRecipient), errors.Is(err, email.ErrUnknown):
		telemetry.FromContext(ctx).WarnContext(ctx, "digest is not sent again", "error", err.Error())
		return nil
	case err != nil:
		_, gaveBack := m.deliveries.Notes().Update(ctx, key, expression.Remove(expression.Name("attempt")))
		return errors.Join(err, store.IgnoreNotFound(gaveBack))
	}
	return nil
}

// attempted stores that an attempt begins.
func attempted() expression.UpdateBuilder {
	return expression.Set(expression.Name("attempt"), expression.Value(rand.Text()))
}

// compose returns a digest and the address of its user. The address is empty when there is
// nothing to send: the user wants no digest by now, or none of these notices, or has not
// confirmed the address.
func (m *digestMail) compose(ctx context.Context, due tables.Delivery) (to string, message emailtemplates.Digest, err error) {
	chosen, err := m.settings.Get(ctx, store.Key{due.UserID, tables.NotificationPreferencesID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) || err == nil && chosen.Notifications.EmailDigest == "" {
		return "", message, nil
	}
	if err != nil {
		return "", message, err
	}
	user, err := m.accounts.Get(ctx, due.UserID)
	if errors.Is(err, accounts.ErrNotFound) || err == nil && !user.EmailVerified {
		return "", message, nil
	}
	if err != nil {
		return "", message, err
	}
	message, err = m.noticed(ctx, due, chosen.Notifications)
	if err != nil || len(message.Noticed) == 0 {
		return "", message, err
	}
	return string(user.Email), message, nil
}

// noticed returns what a digest tells of, the latest first.
func (m *digestMail) noticed(ctx context.Context, due tables.Delivery, wanted tables.NotificationPreferences) (emailtemplates.Digest, error) {
	at := time.UnixMilli(due.DueAt)
	found := emailtemplates.Digest{At: at}
	parts, err := m.deliveries.Query(ctx, store.Query{
		Partition: due.UserID, Descending: true, Limit: maxCollected, Consistency: store.Consistent,
		Sort: expression.Key("id").Between(expression.Value(tables.NoticedPrefix+store.TimeOrderedID(at.Add(-digestSpan), "")),
			expression.Value(tables.NoticedPrefix+store.TimeOrderedID(at, ""))),
		Filter: expression.Name("dueAt").Equal(expression.Value(due.DueAt)),
	})
	if err != nil {
		return found, err
	}
	for _, part := range parts.Items {
		var notice Notice
		if err := json.Unmarshal([]byte(part.Notice), &notice); err != nil {
			return found, err
		}
		switch {
		case !wants(wanted, notice.Type):
		case len(found.Noticed) == maxShown:
			found.More++
		default:
			title, message := Compose(notice.Item(), "")
			found.Noticed = append(found.Noticed, emailtemplates.Noticed{Title: title, Message: message})
		}
	}
	return found, nil
}
