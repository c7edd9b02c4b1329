package revenuecat

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Event is an event that RevenueCat sends to a webhook. Its zero values are RevenueCat's.
// https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields
type Event struct {
	// ID is the event's id. Default: a new one.
	ID string
	// Type is the kind of the event, such as INITIAL_PURCHASE.
	Type string
	// AppUserID is the id under which the customer was seen last.
	AppUserID string
	// OriginalAppUserID is the first id of the customer. Default: AppUserID.
	OriginalAppUserID string
	// Aliases are all ids of the customer. Default: AppUserID.
	Aliases []string
	// TransferredFrom and TransferredTo are the customers of a TRANSFER, which has no
	// other ids.
	TransferredFrom, TransferredTo []string
}

// Body returns the body of the request that reports the event.
func (e Event) Body() []byte {
	if e.ID == "" {
		e.ID = rand.Text()
	}
	now := time.Now().UnixMilli()
	event := map[string]any{
		"id": e.ID, "type": e.Type, "event_timestamp_ms": now, "app_id": "app1a2b3c4d5e6",
		"environment": "PRODUCTION", "store": "APP_STORE",
	}
	if e.Type == "TRANSFER" {
		event["transferred_from"], event["transferred_to"] = e.TransferredFrom, e.TransferredTo
	} else {
		if e.OriginalAppUserID == "" {
			e.OriginalAppUserID = e.AppUserID
		}
		if e.Aliases == nil {
			e.Aliases = []string{e.AppUserID}
		}
		for name, value := range map[string]any{
			"app_user_id": e.AppUserID, "original_app_user_id": e.OriginalAppUserID, "aliases": e.Aliases,
			"product_id": "premium_monthly", "entitlement_id": nil, "entitlement_ids": []string{"premium"}, "period_type": "NORMAL",
			"purchased_at_ms": now, "expiration_at_ms": now + 30*24*time.Hour.Milliseconds(), "presented_offering_id": nil,
			"transaction_id": "123456789012345", "original_transaction_id": "123456789012345", "is_family_share": false,
			"country_code": "GB", "currency": "GBP", "price": 6.49, "price_in_purchased_currency": 4.99, "offer_code": nil,
			"subscriber_attributes": map[string]any{}, "takehome_percentage": 0.7, "tax_percentage": 0.1667, "commission_percentage": 0.25,
		} {
			event[name] = value
		}
	}
	body, err := json.Marshal(map[string]any{"api_version": "1.0", "event": event})
	if err != nil {
		panic(err) // it has texts and numbers only
	}
	return body
}

// Webhook is where RevenueCat sends events.
type Webhook struct {
	// URL is the address of the webhook.
	URL string
	// Authorization is the header that was entered in RevenueCat's dashboard.
	Authorization string
	// Attempts is how often an event is sent that is not answered with 200. RevenueCat
	// sends it six times within some two and a half hours; the fake does not wait.
	// Default: 6.
	Attempts int
}

// Deliver sends the event until it is answered with 200. It returns the statuses of all
// answers, and an error when there is none.
func (h Webhook) Deliver(ctx context.Context, client *http.Client, event Event) (statuses []int, err error) {
	if h.Attempts == 0 {
		h.Attempts = 6
	}
	body := event.Body()
	for range h.Attempts {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
		if err != nil {
			return statuses, err
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", h.Authorization)
		response, err := client.Do(request)
		if err != nil {
			return statuses, fmt.Errorf("deliver %s: %w", event.Type, err)
		}
		_ = response.Body.Close()
		if statuses = append(statuses, response.StatusCode); response.StatusCode == http.StatusOK {
			break
		}
	}
	return statuses, nil
}
