// Package aitest reads what the assistant sends to OpenAI, for tests of what leaves.
package aitest
