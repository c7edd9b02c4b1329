package tables

// NotificationSettingsByToken finds the users who have registered a push token.
var NotificationSettingsByToken = &Index{
	Name:         "by-token",
	PartitionKey: Attribute{Name: "tokenHash", Type: String},
	Projection:   Projection{Attributes: []string{"boundAt"}},
}

// NotificationSettings holds where and about what a user wants to be notified: one item
// for each push token, one for the preferences of notifications and one for those of
// alerts. They are settings of the account and its devices, so they stay when users erase
// what they put into the app.
var NotificationSettings = &Table{
	Name:         "NotificationSettings",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	Indexes:      []*Index{NotificationSettingsByToken},
	Class:        Personal,
	Erasure:      ErasePartition,
}

// The ids of the items of NotificationSettings. The id of a push token is PushTokenPrefix
// and its hash.
const (
	NotificationPreferencesID = "preferences"
	AlertPreferencesID        = "alerts"
	PushTokenPrefix           = "token#"
)

// NotificationSetting is an item of NotificationSettings. Times are in epoch milliseconds.
type NotificationSetting struct {
	UserID string `dynamodbav:"userId"`
	ID     string `dynamodbav:"id"`

	// TokenHash is the hash of Token, by which the token is found among all users.
	TokenHash string `dynamodbav:"tokenHash,omitempty"`
	// Token is a push token of Expo.
	Token EncryptedString `dynamodbav:"token,omitempty"`
	// Device is the JSON of what the app says about the device.
	Device EncryptedString `dynamodbav:"device,omitempty"`
	// Platform is ios, android or web.
	Platform string `dynamodbav:"platform,omitempty"`
	// BoundAt is when the token became this user's. The latest user of a token has it.
	BoundAt int64 `dynamodbav:"boundAt,omitempty"`

	// Notifications are the preferences of notifications, in the item of that id.
	Notifications *NotificationPreferences `dynamodbav:"notifications,omitempty"`
	// Others is the JSON of preferences that the app keeps here and the backend does not
	// read.
	Others EncryptedString `dynamodbav:"others,omitempty"`
	// Alerts are the preferences of alerts, in the item of that id.
	Alerts *AlertPreferences `dynamodbav:"alerts,omitempty"`

	UpdatedAt int64 `dynamodbav:"updatedAt,omitempty"`
}

// NotificationPreferences say which notifications a user wants beside those about the
// security of the account, which are always sent.
type NotificationPreferences struct {
	// Push allows push notifications.
	Push bool `dynamodbav:"push"`
	// Transactions and Budgets allow push notifications about these.
	Transactions bool `dynamodbav:"transactions"`
	Budgets      bool `dynamodbav:"budgets"`
	// EmailDigest is how often a digest goes out by e-mail, empty for never.
	EmailDigest DigestFrequency `dynamodbav:"emailDigest,omitempty"`
	// EmailRevision is how often the link of an e-mail has turned the digest off.
	EmailRevision int `dynamodbav:"emailRevision,omitempty"`
}

// DigestFrequency is how often a digest goes out by e-mail.
type DigestFrequency string

// The frequencies.
const (
	DailyDigest  DigestFrequency = "daily"
	WeeklyDigest DigestFrequency = "weekly"
)

// AlertPreferences say which alerts a user wants, and when.
type AlertPreferences struct {
	Budgets       bool `dynamodbav:"budgets"`
	Goals         bool `dynamodbav:"goals"`
	Subscriptions bool `dynamodbav:"subscriptions"`
	Anomalies     bool `dynamodbav:"anomalies"`
	// QuietFrom and QuietTo are times of the clock in London, HH:MM, between which no push
	// notification is sent. Both are empty without quiet hours.
	QuietFrom string `dynamodbav:"quietFrom,omitempty"`
	QuietTo   string `dynamodbav:"quietTo,omitempty"`
	// MaxPerDay is how many alerts a day are pushed.
	MaxPerDay int `dynamodbav:"maxPerDay"`
}

// DefaultNotificationPreferences returns the preferences of a user who has chosen none.
func DefaultNotificationPreferences() NotificationPreferences {
	return NotificationPreferences{Push: true, Transactions: true, Budgets: true}
}

// DefaultAlertPreferences returns the preferences of a user who has chosen none.
func DefaultAlertPreferences() AlertPreferences {
	return AlertPreferences{Budgets: true, Goals: true, Subscriptions: true, Anomalies: true, QuietFrom: "22:00", QuietTo: "08:00", MaxPerDay: 10}
}

// PushTokenOwner is what of the item of a push token tells whose the token is.
type PushTokenOwner struct {
	UserID  string `dynamodbav:"userId"`
	ID      string `dynamodbav:"id"`
	BoundAt int64  `dynamodbav:"boundAt"`
}

// NotificationPreferencesItem is what of the item of NotificationSettings with the
// preferences of notifications is readable without the user's data key.
type NotificationPreferencesItem struct {
	UserID        string                  `dynamodbav:"userId"`
	ID            string                  `dynamodbav:"id"`
	Notifications NotificationPreferences `dynamodbav:"notifications"`
}

// AlertPreferencesItem is the item of NotificationSettings with the preferences of alerts.
type AlertPreferencesItem struct {
	UserID string           `dynamodbav:"userId"`
	ID     string           `dynamodbav:"id"`
	Alerts AlertPreferences `dynamodbav:"alerts"`
	// UpdatedAt is in epoch milliseconds.
	UpdatedAt int64 `dynamodbav:"updatedAt"`
}
