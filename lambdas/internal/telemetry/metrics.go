package telemetry

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"
)

// Namespace is the CloudWatch namespace of every metric of the backend.
const Namespace = "Expenzez"

// Unit is a unit of CloudWatch, in its spelling.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
type Unit string

// The units in use.
const (
	Milliseconds Unit = "Milliseconds"
	Count        Unit = "Count"
)

// maxValues is how many values one metric may have in one line.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const maxValues = 100

// Metrics writes metrics in CloudWatch's embedded metric format: lines of the
// log that CloudWatch turns into metrics, without a call that a request would
// wait for. It is safe for concurrent use.
type Metrics struct {
	out        io.Writer
	dimensions map[string]string
	now        func() time.Time

	mu    sync.Mutex
	open  map[dimension]*document
	order []*document
}

// dimension is what a metric is measured per, beyond the dimensions of them all.
type dimension struct{ name, value string }

// document collects the metrics of one line.
type document struct {
	dimension dimension
	metrics   []metric
	values    map[string][]float64
}

type metric struct {
	Name string
	Unit Unit
}

// NewMetrics returns metrics of these dimensions, such as {"function":
// "auth-login"}, at least one and at most 29, since a metric may add one of its
// own and CloudWatch takes 30. A dimension must have few values: CloudWatch
// bills each combination as a metric. Nothing is written before Flush.
func NewMetrics(out io.Writer, dimensions map[string]string, now func() time.Time) *Metrics {
	return &Metrics{out: out, dimensions: maps.Clone(dimensions), now: now, open: map[dimension]*document{}}
}

// ColdStart counts the start of an environment.
func (m *Metrics) ColdStart() { m.add(dimension{}, "coldStart", Count, 1) }

// Step records how long a step of the pipeline took, such as "guard".
func (m *Metrics) Step(step string, took time.Duration) {
	m.add(dimension{"step", step}, "stepDuration", Milliseconds, float64(took)/float64(time.Millisecond))
}

// Limited counts a request that a limit of the route refused.
func (m *Metrics) Limited(routeKey string) { m.add(dimension{"route", routeKey}, "limited", Count, 1) }

// Breaker records the state of the circuit breaker of a service, such as
// "openai": 1 when it is open, 0 when it is not. Its maximum is what to alarm on.
func (m *Metrics) Breaker(service string, open bool) {
	value := 0.0
	if open {
		value = 1
	}
	m.add(dimension{"service", service}, "breakerOpen", Count, value)
}

func (m *Metrics) add(of dimension, name string, unit Unit, value float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.open[of]
	if d == nil || len(d.values[name]) == maxValues {
		d = &document{dimension: of, values: map[string][]float64{}}
		m.open[of] = d
		m.order = append(m.order, d)
	}
	if d.values[name] == nil {
		d.metrics = append(d.metrics, metric{name, unit})
	}
	d.values[name] = append(d.values[name], value)
}

// Flush writes what was recorded since the last time, one line for each
// dimension, and forgets it. Call it at the end of each invocation: an
// environment may not be thawed again. Its error is that of the writer.
func (m *Metrics) Flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() {
		clear(m.open)
		m.order = m.order[:0]
	}()
	for _, d := range m.order {
		line, err := json.Marshal(m.line(d))
		if err == nil {
			_, err = m.out.Write(append(line, '\n'))
		}
		if err != nil {
			return fmt.Errorf("write metrics: %w", err)
		}
	}
	return nil
}

// line is the document as CloudWatch reads it. A single value stands without a
// list, as in the examples of the specification.
func (m *Metrics) line(d *document) map[string]any {
	names := make([]string, 0, len(m.dimensions)+1)
	line := make(map[string]any, cap(names)+len(d.metrics)+1)
	for name, value := range m.dimensions {
		names = append(names, name)
		line[name] = value
	}
	if d.dimension.name != "" {
		names = append(names, d.dimension.name)
		line[d.dimension.name] = d.dimension.value
	}
	for name, values := range d.values {
		if line[name] = values; len(values) == 1 {
			line[name] = values[0]
		}
	}
	line["_aws"] = map[string]any{
		"Timestamp":         m.now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{"Namespace": Namespace, "Dimensions": [][]string{names}, "Metrics": d.metrics}},
	}
	return line
}
