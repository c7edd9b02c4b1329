package tables

// Devices holds one item for each device that a user has registered. The app
// makes the ids up, so one names a device only together with its user.
var Devices = &Table{
	Name:         "Devices",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "deviceId", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
}

// Device is an item of Devices. Times are in epoch milliseconds. The name, which
// often is its owner's, is stored under the user's data key.
type Device struct {
	UserID   string `dynamodbav:"userId"`
	DeviceID string `dynamodbav:"deviceId"`

	Name EncryptedString `dynamodbav:"name"`
	// Platform is ios, android or web.
	Platform   string `dynamodbav:"platform"`
	AppVersion string `dynamodbav:"appVersion,omitempty"`
	// DeviceType is phone, tablet or desktop.
	DeviceType string `dynamodbav:"deviceType"`
	Trusted    bool   `dynamodbav:"trusted"`
	// SessionID is the session (origin_jti) that the device registered in last.
	SessionID string `dynamodbav:"sessionId"`

	FirstSeen int64 `dynamodbav:"firstSeen"`
	LastSeen  int64 `dynamodbav:"lastSeen"`
}
