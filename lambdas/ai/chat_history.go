package ai

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/chatretention"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// maxShown is how many messages the screen gets, the latest ones.
	maxShown = 100
	// deletionPage is how many messages are deleted at a time.
	deletionPage = 500
)

// ChatHistory keeps the messages of the chat.
var ChatHistory = function.Define(function.Spec[*chatHistory]{
	Name:    "ai-chat-history",
	Purpose: "Keeps, shows and deletes the messages of the caller's chat with the assistant.",
	New: func(resources *function.Resources) (*chatHistory, error) {
		return &chatHistory{
			messages: sealed.Open[tables.AIMessage](resources, tables.AIChatHistory),
			items:    store.Open[store.SealedItem](resources, tables.AIChatHistory),
			consents: accounts.OpenConsents(resources), now: time.Now,
		}, nil
	},
	Routes: []function.RouteOf[*chatHistory]{
		function.SignedIn("GET /ai/chat-history", (*chatHistory).List),
		function.SignedIn("DELETE /ai/chat-history", (*chatHistory).Clear),
		function.SignedIn("POST /ai/chat-message", (*chatHistory).Add,
			function.Limits(function.Limit{Requests: 60, Per: time.Minute}, function.Limit{Requests: 1000, Per: 24 * time.Hour})),
	},
	Permissions: sealed.Permissions(tables.AIChatHistory, tables.Query, tables.PutItem, tables.BatchWriteItem),
	Timeout:     15 * time.Second,
})

type chatHistory struct {
	messages *sealed.Table[tables.AIMessage]
	items    *store.Table[store.SealedItem]
	consents interface {
		HasConsented(ctx context.Context, userID string) (bool, error)
	}
	now func() time.Time
}

// messageRequest is a message of the user, or what the app showed as the assistant's.
type messageRequest struct {
	Role    string `json:"role" validate:"oneof=user assistant"`
	Content string `json:"content" validate:"required,max=8000"`
}

type messageResponse struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type historyResponse struct {
	History function.List[messageResponse] `json:"history"`
	Success bool                           `json:"success"`
}

type clearedResponse struct {
	Success      bool `json:"success"`
	DeletedCount int  `json:"deletedCount"`
}

// List returns the last messages of the caller, the oldest first.
func (h *chatHistory) List(ctx context.Context, caller function.Caller, _ function.NoInput) (historyResponse, error) {
	page, err := h.messages.Query(ctx, messagesOf(caller.UserID, maxShown))
	if err != nil {
		return historyResponse{}, err
	}
	response := historyResponse{Success: true}
	for _, message := range slices.Backward(page.Items) {
		if message.ExpiresAt > h.now().Unix() { // DynamoDB deletes within days
			response.History = append(response.History, messageResponse{message.Role, string(message.Content)})
		}
	}
	return response, nil
}

// messagesOf returns the query of a user's messages, the newest first.
func messagesOf(userID string, limit int) store.Query {
	return store.Query{
		Partition: userID, Sort: expression.Key("id").BeginsWith(tables.AIMessagePrefix), Descending: true, Limit: limit, Consistency: store.Consistent,
	}
}

// Clear deletes all messages of the caller.
func (h *chatHistory) Clear(ctx context.Context, caller function.Caller, _ function.NoInput) (clearedResponse, error) {
	deleted, err := h.items.DeleteAll(ctx, messagesOf(caller.UserID, deletionPage))
	if err != nil {
		return clearedResponse{}, err
	}
	return clearedResponse{Success: true, DeletedCount: deleted}, nil
}

// Add keeps a message. The client adds both sides of the chat, so nothing trusts an
// assistant's message to be one. It is kept as long as the user allows.
func (h *chatHistory) Add(ctx context.Context, caller function.Caller, in messageRequest) (function.SuccessResponse, error) {
	consented, err := h.consents.HasConsented(ctx, caller.UserID)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	now, keep := h.now(), chatretention.Ordinary
	if consented {
		keep = chatretention.Consented
	}
	err = h.messages.Put(ctx, caller.UserID, tables.AIMessage{
		UserID: caller.UserID, ID: tables.AIMessagePrefix + store.TimeOrderedID(now, rand.Text()),
		Role: in.Role, Content: tables.EncryptedString(in.Content), Consented: consented, ExpiresAt: now.Add(keep).Unix(),
	})
	return function.SuccessResponse{Success: true, Message: "The message is saved."}, err
}
