// Package pipeline has what the workflow "deploy" decides and tells: which stage a branch
// is deployed to, what a deployment changes, who approved it, how it ended. The workflow
// only calls it (go run ./delivery/cmd/pipeline), so that each decision has a test.
package pipeline
