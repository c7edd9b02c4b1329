package notifications

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// preferences are the preferences as the app reads them. The app sends back every key
// that it got, so that keys of other versions of the app are kept.
type preferences struct {
	PushEnabled       bool `json:"pushEnabled"`
	TransactionAlerts bool `json:"transactionAlerts"`
	BudgetAlerts      bool `json:"budgetAlerts"`
	// SecurityAlerts is true: users cannot turn these off.
	SecurityAlerts bool `json:"securityAlerts"`
	// EmailDigest is off, daily or weekly.
	EmailDigest string `json:"emailDigest"`
	// EmailRevision is how often a link in an e-mail has turned the digest off.
	EmailRevision int `json:"emailRevision"`

	others map[string]json.RawMessage
}

// MarshalJSON returns the preferences with the keys that the backend does not know.
func (p preferences) MarshalJSON() ([]byte, error) {
	all := map[string]any{}
	for name, value := range p.others {
		all[name] = value
	}
	all["pushEnabled"], all["transactionAlerts"], all["budgetAlerts"] = p.PushEnabled, p.TransactionAlerts, p.BudgetAlerts
	all["securityAlerts"], all["emailDigest"], all["emailRevision"] = p.SecurityAlerts, p.EmailDigest, p.EmailRevision
	return json.Marshal(all)
}

// preferencesRequest has all preferences.
type preferencesRequest struct {
	knownPreferences
	others map[string]json.RawMessage
}

type knownPreferences struct {
	PushEnabled       *bool `json:"pushEnabled" validate:"required"`
	TransactionAlerts *bool `json:"transactionAlerts" validate:"required"`
	BudgetAlerts      *bool `json:"budgetAlerts" validate:"required"`
	SecurityAlerts    *bool `json:"securityAlerts" validate:"required"`

	EmailDigest   string `json:"emailDigest" validate:"omitempty,oneof=off daily weekly"`
	EmailRevision int    `json:"emailRevision" validate:"min=0"`
}

// noDigest is the preference of a user who gets no digest.
const noDigest = "off"

const (
	// maxOthers is how many keys of its own the app may keep with its preferences.
	maxOthers = 30
	// maxOtherText is the longest text of such a key, in bytes.
	maxOtherText = 200
)

var preferenceName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,49}$`) })

// UnmarshalJSON reads the known preferences, and up to maxOthers further keys, whose
// values are no objects and no arrays.
func (p *preferencesRequest) UnmarshalJSON(body []byte) error {
	if err := json.Unmarshal(body, &p.knownPreferences); err != nil {
		return err
	}
	if err := json.Unmarshal(body, &p.others); err != nil {
		return err
	}
	for _, known := range []string{"pushEnabled", "transactionAlerts", "budgetAlerts", "securityAlerts", "emailDigest", "emailRevision"} {
		maps.DeleteFunc(p.others, func(name string, _ json.RawMessage) bool { return strings.EqualFold(name, known) })
	}
	if len(p.others) > maxOthers {
		return fmt.Errorf("there are %d unknown preferences, not at most %d", len(p.others), maxOthers)
	}
	for name, value := range p.others {
		if err := checkOther(name, value); err != nil {
			return err
		}
	}
	return nil
}

func checkOther(name string, value json.RawMessage) error {
	if !preferenceName().MatchString(name) {
		return errors.New("a preference has no name of letters, digits and underscores")
	}
	var decoded any
	if err := json.Unmarshal(value, &decoded); err != nil {
		return err
	}
	switch text := decoded.(type) {
	case map[string]any, []any:
		return fmt.Errorf("the preference %s is no single value", name)
	case string:
		if len(text) > maxOtherText || !validation.IsPlainText(text) {
			return fmt.Errorf("the preference %s is no short plain text", name)
		}
	}
	return nil
}

// item returns the preferences in their stored form. A digest is on only for a client that
// has read the preferences since a link turned it off: the app sends back what it read some
// time ago.
func (p preferencesRequest) item(userID string, revision int, now int64) (tables.NotificationSetting, error) {
	wanted := tables.NotificationPreferences{Push: *p.PushEnabled, Transactions: *p.TransactionAlerts, Budgets: *p.BudgetAlerts, EmailRevision: revision}
	if p.EmailDigest != noDigest && p.EmailRevision == revision {
		wanted.EmailDigest = tables.DigestFrequency(p.EmailDigest)
	}
	item := tables.NotificationSetting{UserID: userID, ID: tables.NotificationPreferencesID, Notifications: &wanted, UpdatedAt: now}
	if len(p.others) == 0 {
		return item, nil
	}
	others, err := json.Marshal(p.others)
	item.Others = tables.EncryptedString(others)
	return item, err
}

// preferencesOf returns the preferences of a stored item, those of a new user for nil.
func preferencesOf(item *tables.NotificationSetting) (shown preferences, err error) {
	stored := tables.DefaultNotificationPreferences()
	if item != nil && item.Notifications != nil {
		stored = *item.Notifications
	}
	if item != nil && item.Others != "" {
		err = json.Unmarshal([]byte(item.Others), &shown.others)
	}
	shown.PushEnabled, shown.TransactionAlerts, shown.BudgetAlerts = stored.Push, stored.Transactions, stored.Budgets
	shown.SecurityAlerts = true
	shown.EmailDigest, shown.EmailRevision = cmp.Or(string(stored.EmailDigest), noDigest), stored.EmailRevision
	return shown, err
}

type preferencesResponse struct {
	Preferences preferences `json:"preferences"`
}

type savedPreferencesResponse struct {
	Preferences preferences `json:"preferences"`
	Message     string      `json:"message"`
}

// Preferences returns the caller's preferences.
func (s *settings) Preferences(ctx context.Context, caller function.Caller, _ function.NoInput) (preferencesResponse, error) {
	item, err := s.stored(ctx, caller.UserID)
	if err != nil {
		return preferencesResponse{}, err
	}
	shown, err := preferencesOf(item)
	return preferencesResponse{Preferences: shown}, err
}

// SetPreferences stores all preferences of the caller, and returns them as stored.
func (s *settings) SetPreferences(ctx context.Context, caller function.Caller, in preferencesRequest) (savedPreferencesResponse, error) {
	saved, err := s.setPreferences(ctx, caller, in)
	if errors.Is(err, store.ErrConditionFailed) { // a link turned the digest off meanwhile
		return s.setPreferences(ctx, caller, in)
	}
	return saved, err
}

func (s *settings) setPreferences(ctx context.Context, caller function.Caller, in preferencesRequest) (savedPreferencesResponse, error) {
	stored, err := s.stored(ctx, caller.UserID)
	if err != nil {
		return savedPreferencesResponse{}, err
	}
	item, unchanged, err := in.replacing(stored, caller.UserID, s.now().UnixMilli())
	if err != nil {
		return savedPreferencesResponse{}, err
	}
	if err := s.items.Put(ctx, caller.UserID, item, unchanged); err != nil {
		return savedPreferencesResponse{}, err
	}
	shown, err := preferencesOf(&item)
	return savedPreferencesResponse{Preferences: shown, Message: "Your preferences are saved."}, err
}

// stored returns the item of a user's preferences, nil for a user who has chosen none.
func (s *settings) stored(ctx context.Context, userID string) (*tables.NotificationSetting, error) {
	item, err := s.items.Get(ctx, store.Key{userID, tables.NotificationPreferencesID})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return item, err
}

// replacing returns the item that takes the place of a stored one, and the condition that no
// link has turned the digest off since that was read.
func (p preferencesRequest) replacing(stored *tables.NotificationSetting, userID string, now int64) (tables.NotificationSetting, expression.ConditionBuilder, error) {
	revision := expression.Name("notifications.emailRevision")
	if stored == nil || stored.Notifications == nil || stored.Notifications.EmailRevision == 0 {
		item, err := p.item(userID, 0, now)
		return item, revision.AttributeNotExists(), err
	}
	known := stored.Notifications.EmailRevision
	item, err := p.item(userID, known, now)
	return item, revision.Equal(expression.Value(known)), err
}
