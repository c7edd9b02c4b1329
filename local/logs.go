package local

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// LogLine is one line of a log group.
type LogLine struct {
	// Time is when the line was written.
	Time time.Time
	// Group is the log group, such as /aws/lambda/expenzez-local-login.
	Group string
	// Message is the text of the line.
	Message string
}

// Logs returns the lines of every log group whose name contains name, the
// oldest first.
func (s *Stage) Logs(ctx context.Context, name string) ([]LogLine, error) {
	var lines []LogLine
	request := map[string]any{}
	for {
		var page struct {
			LogGroups []struct {
				LogGroupName string `json:"logGroupName"`
			} `json:"logGroups"`
			NextToken string `json:"nextToken"`
		}
		if err := s.cloudWatchLogs(ctx, "DescribeLogGroups", request, &page); err != nil {
			return nil, err
		}
		for _, group := range page.LogGroups {
			if !strings.Contains(group.LogGroupName, name) {
				continue
			}
			more, err := s.logGroup(ctx, group.LogGroupName)
			if err != nil {
				return nil, err
			}
			lines = append(lines, more...)
		}
		if page.NextToken == "" {
			break
		}
		request["nextToken"] = page.NextToken
	}
	slices.SortStableFunc(lines, func(a, b LogLine) int { return cmp.Compare(a.Time.UnixMilli(), b.Time.UnixMilli()) })
	return lines, nil
}

func (s *Stage) logGroup(ctx context.Context, group string) ([]LogLine, error) {
	var lines []LogLine
	request := map[string]any{"logGroupName": group}
	for {
		var page struct {
			Events []struct {
				Timestamp int64  `json:"timestamp"`
				Message   string `json:"message"`
			} `json:"events"`
			NextToken string `json:"nextToken"`
		}
		if err := s.cloudWatchLogs(ctx, "FilterLogEvents", request, &page); err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			lines = append(lines, LogLine{Time: time.UnixMilli(e.Timestamp), Group: group, Message: e.Message})
		}
		if page.NextToken == "" {
			return lines, nil
		}
		request["nextToken"] = page.NextToken
	}
}

// cloudWatchLogs calls an operation of CloudWatch Logs, for which the project has no
// SDK client.
func (s *Stage) cloudWatchLogs(ctx context.Context, operation string, request, response any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.EngineURL(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "Logs_20140328."+operation)
	credentials, err := s.AWSConfig(Region).Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(digest[:]), "logs", Region, time.Now()); err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("CloudWatch Logs %s: %w", operation, err)
	}
	defer resp.Body.Close()
	responseBody, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("CloudWatch Logs %s: %w", operation, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("CloudWatch Logs %s: %s: %s", operation, resp.Status, responseBody)
	}
	return json.Unmarshal(responseBody, response)
}
