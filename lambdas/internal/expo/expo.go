package expo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

// The limits of one request.
// https://docs.expo.dev/push-notifications/sending-notifications/#request-errors
const (
	maxMessages = 100
	// MaxReceipts is how many receipts a request asks for at most.
	MaxReceipts = 1000
)

// Config configures the client.
type Config struct {
	// AccessToken returns Expo's access token. It is called at the token's first use, and
	// again when Expo rejects the token.
	AccessToken func(context.Context) (string, error)
	// BaseURL is for the local stage and tests. Default: https://exp.host/--/api/v2.
	BaseURL string
	// Middleware wraps each attempt, for telemetry.
	Middleware []external.Middleware
}

// Client sends push notifications. It is safe for concurrent use.
type Client struct {
	http  *external.Client
	token *external.Credential[string]
}

// New returns a client without fetching anything. It returns an error when the access
// token is missing or the base URL is invalid.
func New(config Config) (*Client, error) {
	if config.AccessToken == nil {
		return nil, errors.New("expo: Config needs AccessToken")
	}
	if config.BaseURL == "" {
		config.BaseURL = "https://exp.host/--/api/v2"
	}
	client, err := external.New(external.Service{
		Name: "expo", BaseURL: config.BaseURL, Timeout: 8 * time.Second, NewConnections: true,
	}, config.Middleware...)
	if err != nil {
		return nil, err
	}
	return &Client{http: client, token: external.NewCredential(config.AccessToken)}, nil
}

// Message is one push notification for one device.
// https://docs.expo.dev/push-notifications/sending-notifications/#message-request-format
type Message struct {
	// To is the push token of the device.
	To    string `json:"to"`
	Title string `json:"title"`
	Body  string `json:"body"`
	// Data is given to the app.
	Data map[string]any `json:"data,omitempty"`
	// Sound is "default" or empty for none.
	Sound string `json:"sound,omitempty"`
	// ChannelID is the channel on Android, such as "budgets".
	ChannelID string `json:"channelId,omitempty"`
	// Priority is default, normal or high.
	Priority string `json:"priority,omitempty"`
	// TTL is for how many seconds a message waits for a phone that is off.
	TTL int `json:"ttl,omitempty"`
}

// Failure is why Expo, Apple or Google did not take a message.
type Failure string

// DeviceNotRegistered is the failure of a dead push token.
const DeviceNotRegistered Failure = "DeviceNotRegistered"

// notSaid is the failure of an error without a code.
const notSaid Failure = "unknown"

// Outcome is what became of one message: a ticket, or a failure.
type Outcome struct {
	// Ticket is the id of the message's receipt, empty after a failure.
	Ticket string
	// Failure is empty for a message that was taken.
	Failure Failure
}

// outcome is a ticket or a receipt as Expo writes both.
type outcome struct {
	Status  string `json:"status"`
	ID      string `json:"id"`
	Details struct {
		Error Failure `json:"error"`
	} `json:"details"`
}

func (o outcome) failure() Failure {
	switch {
	case o.Status == "ok":
		return ""
	case o.Details.Error == "":
		return notSaid
	}
	return o.Details.Error
}

// Send hands messages to Expo, up to 100 in a request, and returns an outcome for each, in
// their order. After an error, the outcomes are those of the requests before it; the
// messages of the request that failed were not taken, unless IsUnknown says otherwise. Send
// returns the errors of package external.
func (c *Client) Send(ctx context.Context, messages []Message) ([]Outcome, error) {
	var all []Outcome
	for chunk := range slices.Chunk(messages, maxMessages) {
		var answer struct {
			Data []outcome `json:"data"`
		}
		if err := c.call(ctx, "send", chunk, &answer); err != nil {
			return all, err
		}
		if len(answer.Data) != len(chunk) {
			return all, fmt.Errorf("expo: %w: %d tickets for %d messages", external.ErrInvalidResponse, len(answer.Data), len(chunk))
		}
		for _, ticket := range answer.Data {
			all = append(all, Outcome{Ticket: ticket.ID, Failure: ticket.failure()})
		}
	}
	return all, nil
}

// IsUnknown reports whether Expo may have taken the messages of a request that failed. It
// has not when it answered a 4xx, or was not reached (external.IsUnknown).
func IsUnknown(err error) bool {
	return external.IsUnknown(err) || errors.Is(err, external.ErrInvalidResponse)
}

// Receipts returns what became of messages, by ticket. A ticket is missing while there is
// no receipt yet, and after a day. Receipts returns the errors of package external; a
// repetition is harmless.
func (c *Client) Receipts(ctx context.Context, tickets []string) (map[string]Failure, error) {
	all := map[string]Failure{}
	for chunk := range slices.Chunk(tickets, MaxReceipts) {
		var answer struct {
			Data map[string]outcome `json:"data"`
		}
		request := map[string][]string{"ids": chunk}
		if err := c.call(external.AllowRetry(ctx), "getReceipts", request, &answer); err != nil {
			return all, err
		}
		for id, receipt := range answer.Data {
			all[id] = receipt.failure()
		}
	}
	return all, nil
}

func (c *Client) call(ctx context.Context, operation string, body, out any) error {
	return c.token.Use(ctx, external.IsUnauthorized, func(token string) error {
		header := http.Header{"Authorization": {"Bearer " + token}}
		return c.http.Call(ctx, external.Call{Method: http.MethodPost, Path: []string{"push", operation}, Header: header, JSON: body}, out)
	})
}
