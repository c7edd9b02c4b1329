package notifications

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/expo"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// messageTTL is for how long a message waits for a phone that is off, and for how long
// a notice waits to be pushed.
const messageTTL = 24 * time.Hour

// channels are the channels of the app on Android, by the type of the notification. Other
// types have the channel "default".
var channels = map[string]string{"transaction": "transactions", "budget": "budgets", "security": "security"}

// messagesOf returns the messages of a notice to devices. Messages go through Expo, Apple
// and Google, so that they have no text of the user but one that the user's own app sent.
// It returns store.ErrNotFound when the user has cleared that one.
func (p *push) messagesOf(ctx context.Context, notice Notice, tokens []tables.NotificationSetting) ([]expo.Message, error) {
	says := text{}
	if notice.Event == Sent {
		stored, err := p.history.Get(ctx, store.Key{notice.UserID, notice.Item().ID})
		if err != nil {
			return nil, err
		}
		if says, err = textOf(*stored, ""); err != nil {
			return nil, err
		}
	} else {
		says.Title, says.Message = Compose(notice.Item(), "")
	}
	channel, special := channels[notice.Type]
	if !special {
		channel = "default"
	}
	messages := make([]expo.Message, len(tokens))
	for i, token := range tokens {
		messages[i] = expo.Message{
			To: string(token.Token), Title: says.Title, Body: says.Message, Sound: "default", ChannelID: channel, Priority: "high", TTL: int(messageTTL.Seconds()),
			Data: map[string]any{"type": notice.Type, "notificationId": notice.Item().ID},
		}
	}
	return messages, nil
}
