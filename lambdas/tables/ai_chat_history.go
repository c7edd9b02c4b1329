package tables

// AIChatHistory holds what the assistant keeps for a user: the messages of the chat, and
// the categories that the model suggested for merchants. Items expire after 90 days,
// messages after a year where the user has consented (lambdas/internal/chatretention).
var AIChatHistory = &Table{
	Name:         "AIChatHistory",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// The types of items of AIChatHistory: what their ids begin with.
const (
	AIMessagePrefix    = "message#"
	AISuggestionPrefix = "suggestion#"
)

// AIMessage is an item of AIChatHistory: one message of the chat.
type AIMessage struct {
	UserID string `dynamodbav:"userId"`
	// ID is AIMessagePrefix and an id that sorts by time (store.TimeOrderedID).
	ID string `dynamodbav:"id"`
	// Role is "user" or "assistant", as the client sent it. The client stores both, so an
	// assistant's message need not come from the model.
	Role    string          `dynamodbav:"role"`
	Content EncryptedString `dynamodbav:"content"`
	// Consented says that the message is kept longer by consent of its user.
	Consented bool  `dynamodbav:"consented,omitempty"`
	ExpiresAt int64 `dynamodbav:"expiresAt"` // in epoch seconds
}

// AISuggestion is an item of AIChatHistory: the category that the model suggested for a
// merchant.
type AISuggestion struct {
	UserID string `dynamodbav:"userId"`
	// ID is AISuggestionPrefix and the keyed hash of the normalised merchant.
	ID string `dynamodbav:"id"`
	// Merchant is the normalised merchant.
	Merchant EncryptedString `dynamodbav:"merchant"`
	// Category is a canonical code. It is empty for a merchant that the model does not know.
	Category  string `dynamodbav:"category"`
	ExpiresAt int64  `dynamodbav:"expiresAt"` // in epoch seconds
}
