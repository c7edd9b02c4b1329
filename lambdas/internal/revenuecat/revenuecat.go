package revenuecat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

// ErrNoCustomer is returned for a customer that RevenueCat does not have, such as a
// user who never opened the app with the SDK.
var ErrNoCustomer = errors.New("revenuecat: no such customer")

// maxPages bounds how many pages of a list are read. RevenueCat's pages have 20
// entries, and a customer has far fewer than 200 of anything.
const maxPages = 10

// Config configures the project and its key.
type Config struct {
	// ProjectID is the project's id in RevenueCat, such as "proj1ab2c3d4".
	ProjectID string
	// Key returns the secret API key (v2). It is called at the key's first use, and
	// again when RevenueCat rejects the key.
	Key func(context.Context) (string, error)
	// BaseURL is for the local stage and tests. Default: https://api.revenuecat.com/v2.
	BaseURL string
	// Middleware wraps each attempt, for telemetry.
	Middleware []external.Middleware
}

// Client reads customers. It is safe for concurrent use.
type Client struct {
	http    *external.Client
	key     *external.Credential[string]
	project string
}

// New returns a client without fetching anything. It returns an error when project or
// key are missing or the base URL is invalid.
func New(config Config) (*Client, error) {
	if config.ProjectID == "" || config.Key == nil {
		return nil, errors.New("revenuecat: Config needs ProjectID and Key")
	}
	if config.BaseURL == "" {
		config.BaseURL = "https://api.revenuecat.com/v2"
	}
	client, err := external.New(external.Service{
		Name:    "revenuecat",
		BaseURL: config.BaseURL,
		Timeout: 5 * time.Second,
		// https://www.revenuecat.com/docs/api-v2, "Rate Limit": milliseconds.
		RetryAfterUnit: time.Millisecond,
	}, config.Middleware...)
	if err != nil {
		return nil, err
	}
	return &Client{http: client, key: external.NewCredential(config.Key), project: config.ProjectID}, nil
}

// Entitlement is a customer's current access to a part of the app.
type Entitlement struct {
	// ID is RevenueCat's id of the entitlement, such as "entla1b2c3d4e5". It is not
	// the lookup key that apps use.
	ID string
	// ExpiresAt is when access ends without a renewal, or zero for access without an
	// end.
	ExpiresAt time.Time
}

// ActiveEntitlements returns the customer's current entitlements, none without a
// subscription. It returns ErrNoCustomer or an error of package external.
func (c *Client) ActiveEntitlements(ctx context.Context, customerID string) ([]Entitlement, error) {
	items, err := list[struct {
		ID        string `json:"entitlement_id"`
		ExpiresAt *int64 `json:"expires_at"` // epoch milliseconds
	}](ctx, c, customerID, "active_entitlements")
	if err != nil {
		return nil, err
	}
	entitlements := make([]Entitlement, len(items))
	for i, item := range items {
		entitlements[i].ID = item.ID
		if item.ExpiresAt != nil {
			entitlements[i].ExpiresAt = time.UnixMilli(*item.ExpiresAt)
		}
	}
	return entitlements, nil
}

// Aliases returns all ids of the customer at RevenueCat. It returns ErrNoCustomer or
// an error of package external.
func (c *Client) Aliases(ctx context.Context, customerID string) ([]string, error) {
	items, err := list[struct {
		ID string `json:"id"`
	}](ctx, c, customerID, "aliases")
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.ID
	}
	return ids, err
}

// Customer is a customer at RevenueCat.
type Customer struct {
	// ID is the customer's original id, which may differ from the requested id.
	ID          string
	FirstSeenAt time.Time
	LastSeenAt  time.Time
}

// Customer returns a customer by any of their ids. It returns ErrNoCustomer or
// an error of package external.
func (c *Client) Customer(ctx context.Context, customerID string) (Customer, error) {
	var answer struct {
		ID          string `json:"id"`
		FirstSeenAt int64  `json:"first_seen_at"`
		LastSeenAt  int64  `json:"last_seen_at"`
	}
	if err := c.get(ctx, &answer, nil, customerID); err != nil {
		return Customer{}, err
	}
	if answer.ID == "" {
		return Customer{}, fmt.Errorf("revenuecat: %w: a customer without an id", external.ErrInvalidResponse)
	}
	return Customer{
		ID:          answer.ID,
		FirstSeenAt: time.UnixMilli(answer.FirstSeenAt),
		LastSeenAt:  time.UnixMilli(answer.LastSeenAt),
	}, nil
}

// list returns all entries of one of the customer's lists.
func list[T any](ctx context.Context, c *Client, customerID, name string) ([]T, error) {
	var all []T
	var query url.Values
	for range maxPages {
		var page page[T]
		if err := c.get(ctx, &page, query, customerID, name); err != nil {
			return nil, err
		}
		if page.Object != "list" { // another object must not count as an empty list
			return nil, fmt.Errorf("revenuecat: %w: no list", external.ErrInvalidResponse)
		}
		all = append(all, page.Items...)
		after, err := page.next()
		if err != nil || after == "" {
			return all, err
		}
		query = url.Values{"starting_after": {after}}
	}
	return nil, fmt.Errorf("revenuecat: %w: a list of more than %d pages", external.ErrInvalidResponse, maxPages)
}

// page is an object "list".
type page[T any] struct {
	Object   string `json:"object"`
	Items    []T    `json:"items"`
	NextPage string `json:"next_page"`
}

// next returns the start of the next page, or nothing after the last page. It takes
// only the start from the link, so a response cannot send the client to another host.
func (p page[T]) next() (string, error) {
	if p.NextPage == "" {
		return "", nil
	}
	link, err := url.Parse(p.NextPage)
	if err != nil || link.Query().Get("starting_after") == "" {
		return "", fmt.Errorf("revenuecat: %w: the link to the next page does not say where it starts", external.ErrInvalidResponse)
	}
	return link.Query().Get("starting_after"), nil
}

func (c *Client) get(ctx context.Context, out any, query url.Values, customer ...string) error {
	path := append([]string{"projects", c.project, "customers"}, customer...)
	err := c.key.Use(ctx, external.IsUnauthorized, func(key string) error {
		header := http.Header{"Authorization": {"Bearer " + key}}
		return c.http.Call(ctx, external.Call{Path: path, Query: query, Header: header}, out)
	})
	if external.IsStatus(err, http.StatusNotFound) {
		return fmt.Errorf("%w: %w", ErrNoCustomer, err)
	}
	return err
}
