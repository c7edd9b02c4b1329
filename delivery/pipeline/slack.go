package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// rollbackJob is the job of the workflow "rollback" that takes a release back.
const rollbackJob = "rollback"

// Message returns the record as a message for Slack.
// https://docs.slack.dev/messaging/formatting-message-text/
func (r Record) Message() ([]byte, error) {
	var b strings.Builder
	mark, done := ":white_check_mark:", "deployed"
	if _, is := r.Jobs[rollbackJob]; is {
		done = "rolled back"
	}
	verb := "was " + done
	if r.Outcome != Success {
		mark, verb = ":x:", "was not "+done+" as it should be"
	}
	fmt.Fprintf(&b, "%s *%s* %s: <%s|%.7s of %s> by %s\n", mark, escape(r.Stage), verb, r.Run, escape(r.Commit), escape(r.Branch), escape(r.Actor))
	r.writeFailed(&b)
	for _, approval := range r.Approvals {
		fmt.Fprintf(&b, "• %s by %s", escape(approval.State), escape(approval.By))
		if approval.Comment != "" {
			fmt.Fprintf(&b, ": %s", escape(approval.Comment))
		}
		b.WriteByte('\n')
	}
	if len(r.Changes) == 0 && done == "deployed" {
		b.WriteString("• no stack changes\n")
	}
	for _, stack := range r.Changes {
		fmt.Fprintf(&b, "• %s\n", escape(stack.String()))
		for _, removal := range stack.Removals {
			fmt.Fprintf(&b, "    :warning: %s\n", escape(removal))
		}
	}
	return slackMessage(b.String())
}

// ChecksMessage returns the record of a run that checks and deploys nothing as a message
// for Slack. name is the workflow's.
func (r Record) ChecksMessage(name string) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, ":x: *%s* failed: <%s|%.7s of %s>\n", escape(name), r.Run, escape(r.Commit), escape(r.Branch))
	r.writeFailed(&b)
	return slackMessage(b.String())
}

func (r Record) writeFailed(b *strings.Builder) {
	for _, job := range r.failed() {
		fmt.Fprintf(b, "• failed: %s\n", escape(job))
	}
}

func slackMessage(text string) ([]byte, error) {
	return json.Marshal(map[string]any{"text": clip(text), "unfurl_links": false})
}

// maxText is the length of a text that Slack shows whole.
// https://docs.slack.dev/changelog/2018-truncating-really-long-messages/
const maxText = 4000

func clip(text string) string {
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return text
}

// escape keeps a text from being markup: a name may have been chosen by a stranger.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "∗", "\n", " ").Replace

// ParseWebhook returns an error unless the URL is one of Slack's webhooks. The URL is a
// secret, so no error has it.
func ParseWebhook(webhook string) error {
	parsed, err := url.Parse(strings.TrimSpace(webhook))
	if err != nil || parsed.Scheme != "https" || parsed.Host != "hooks.slack.com" {
		return errors.New("the secret SLACK_WEBHOOK is no URL that begins with https://hooks.slack.com/")
	}
	return nil
}

// Post sends a message to a webhook. No error has the URL.
func Post(ctx context.Context, webhook string, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSpace(webhook), bytes.NewReader(message))
	if err != nil {
		return errors.New("the secret SLACK_WEBHOOK is no URL")
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	var failure *url.Error
	if errors.As(err, &failure) {
		err = failure.Err // the outer error has the URL
	}
	if err != nil {
		return fmt.Errorf("post to Slack: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("post to Slack: answered %s", response.Status)
	}
	return nil
}
