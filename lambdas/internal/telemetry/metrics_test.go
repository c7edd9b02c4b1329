package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

var about = telemetry.Request{ID: "req-1", Route: "POST /a"}

func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

func newMetrics(out io.Writer) *telemetry.Metrics {
	return telemetry.NewMetrics(out, "auth-login", "INFO", noon)
}

// flushed returns the lines that Flush wrote, each checked against the schema.
func flushed(t *testing.T, record func(*telemetry.Metrics)) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	m := newMetrics(&out)
	record(m)
	if err := m.Flush(about); err != nil {
		t.Fatal(err)
	}
	schema := emfSchema(t)
	var lines []map[string]any
	for text := range strings.Lines(out.String()) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func emfSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	file, err := os.Open("testdata/emf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	document, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("emf.json", document); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("emf.json")
}

// declared returns the name and unit of the line's only metric, after checking
// that the line has a member for it and for each dimension it names.
func declared(t *testing.T, line map[string]any) (name, unit string) {
	t.Helper()
	var aws struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	}
	text, _ := json.Marshal(line["_aws"])
	if err := json.Unmarshal(text, &aws); err != nil {
		t.Fatal(err)
	}
	directive := aws.CloudWatchMetrics[0]
	if aws.Timestamp != noon().UnixMilli() || directive.Namespace != "Expenzez" || len(directive.Metrics) != 1 || len(directive.Dimensions) != 1 {
		t.Errorf("got %s", text)
	}
	for _, dimension := range directive.Dimensions[0] {
		if _, ok := line[dimension].(string); !ok {
			t.Errorf("the dimension %s is no text in %v", dimension, line)
		}
	}
	return directive.Metrics[0].Name, directive.Metrics[0].Unit
}

func TestMetrics_Lines_AreEmbeddedMetricFormat(t *testing.T) {
	for name, tc := range map[string]struct {
		record       func(*telemetry.Metrics)
		metric, unit string
		dependency   any
		value        any
	}{
		"a cold start":     {func(m *telemetry.Metrics) { m.ColdStart() }, "coldStart", "Count", nil, 1.0},
		"a step":           {func(m *telemetry.Metrics) { m.Step(telemetry.StepGuard, 1500*time.Microsecond) }, "guardDuration", "Milliseconds", nil, 1.5},
		"a limit":          {func(m *telemetry.Metrics) { m.Limited() }, "limited", "Count", nil, 1.0},
		"not from edge":    {func(m *telemetry.Metrics) { m.OriginRefused() }, "originRefused", "Count", nil, 1.0},
		"a check left out": {func(m *telemetry.Metrics) { m.FailedOpen() }, "failedOpen", "Count", nil, 1.0},
		"an unknown one":   {func(m *telemetry.Metrics) { m.UnknownSubscriber() }, "unknownSubscriber", "Count", nil, 1.0},
		"a lost event":     {func(m *telemetry.Metrics) { m.EventLost() }, "eventLost", "Count", nil, 1.0},
		"an event":         {func(m *telemetry.Metrics) { m.SecurityEvent("pin-wrong") }, "pin-wrong", "Count", nil, 1.0},
		"an open breaker":  {func(m *telemetry.Metrics) { m.Breaker("openai", true) }, "breakerOpen", "Count", "openai", 1.0},
		"a closed one":     {func(m *telemetry.Metrics) { m.Breaker("openai", false) }, "breakerOpen", "Count", "openai", 0.0},
	} {
		t.Run(name, func(t *testing.T) {
			lines := flushed(t, tc.record)
			if len(lines) != 1 {
				t.Fatalf("%d lines, not 1", len(lines))
			}
			line := lines[0]
			metric, unit := declared(t, line)
			if metric != tc.metric || unit != tc.unit || line[metric] != tc.value || line["dependency"] != tc.dependency {
				t.Errorf("got %v", line)
			}
			if line["service"] != "backend" || line["function"] != "auth-login" || line["route"] != "POST /a" || line["requestId"] != "req-1" {
				t.Errorf("got %v", line)
			}
		})
	}
}

// Lambda drops the lines below the level of the function, and those without a level
// as INFO: in prod, which logs from WARN on, CloudWatch would get no metric.
func TestMetrics_QuietFunction_LinesKeepItsLevel(t *testing.T) {
	for level, want := range map[string]string{"DEBUG": "DEBUG", "WARN": "WARN", "ERROR": "ERROR", "": "INFO"} {
		var out bytes.Buffer
		m := telemetry.NewMetrics(&out, "auth-login", level, noon)
		m.Limited()
		if err := m.Flush(about); err != nil {
			t.Fatal(err)
		}
		var line map[string]any
		if err := json.Unmarshal(out.Bytes(), &line); err != nil || line["level"] != want || line["timestamp"] != "2026-01-02T12:00:00Z" {
			t.Errorf("%s: %v, %v", level, line, err)
		}
	}
}

// CloudWatch bills each value of a dimension: those of functions, routes and
// requests would cost more than the backend.
func TestMetrics_Dimensions_HaveFewValues(t *testing.T) {
	for _, line := range flushed(t, func(m *telemetry.Metrics) { m.ColdStart(); m.Breaker("apple", false) }) {
		text, _ := json.Marshal(line["_aws"])
		for _, many := range []string{"function", "route", "requestId"} {
			if strings.Contains(string(text), many) {
				t.Errorf("%s is a dimension in %s", many, text)
			}
		}
	}
}

func TestMetrics_Line_HasAtMost100Values(t *testing.T) {
	lines := flushed(t, func(m *telemetry.Metrics) {
		for range 201 {
			m.Step(telemetry.StepDecode, time.Millisecond)
		}
		m.Step(telemetry.StepGuard, time.Millisecond)
	})
	var sizes []int
	for _, line := range lines {
		if values, many := line["decodeDuration"].([]any); many {
			sizes = append(sizes, len(values))
		} else {
			sizes = append(sizes, 1)
		}
	}
	if len(sizes) != 3 || sizes[0] != 100 || sizes[1] != 100 || sizes[2] != 1 || lines[0]["guardDuration"] != 1.0 {
		t.Errorf("lines of %v values, the first has %v", sizes, lines[0]["guardDuration"])
	}
}

func TestFlush_Twice_WritesOnce(t *testing.T) {
	var out bytes.Buffer
	m := newMetrics(&out)
	m.ColdStart()
	_ = m.Flush(about)
	if err := m.Flush(about); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%v: %s", err, out.String())
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestFlush_WriterFails_ReturnsItsError(t *testing.T) {
	m := newMetrics(brokenPipe{})
	m.ColdStart()
	if err := m.Flush(about); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}
