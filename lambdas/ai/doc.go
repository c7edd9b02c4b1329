// Package ai is the assistant: the chat, the insights beside charts and the credit
// score, and categories for merchants. Figures are computed by the backend (package
// facts). A model only phrases them, and what it says is checked (package phrasing).
// docs/domains/assistant.md tells the whole.
package ai
