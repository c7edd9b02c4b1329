package telemetry

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Namespace is the CloudWatch namespace of every metric of the backend, and
// Service the value of the dimension "service" that all of them have.
const (
	Namespace = "Expenzez"
	Service   = "backend"
)

// BudgetUsedMetric is the name of the metric that BudgetUsed records.
const BudgetUsedMetric = "budgetUsed"

// The names of the metrics that alarms watch, except those of security events.
const (
	LimitedMetric       = "limited"
	FailedOpenMetric    = "failedOpen"
	EventLostMetric     = "eventLost"
	OriginRefusedMetric = "originRefused"
)

// Unit is a unit of CloudWatch, in its spelling.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
type Unit string

// The units in use.
const (
	Milliseconds Unit = "Milliseconds"
	Count        Unit = "Count"
	Percent      Unit = "Percent"
)

// Step is a step of the pipeline whose duration is measured.
type Step string

// The steps.
const (
	StepGuard   Step = "guard"
	StepDecode  Step = "decode"
	StepUseCase Step = "useCase"
	StepEncode  Step = "encode"
)

// maxValues is how many values one metric may have in one line.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const maxValues = 100

// Metrics writes metrics in CloudWatch's embedded metric format: log lines that
// CloudWatch turns into metrics, so a request waits for no call. It is safe for
// concurrent use.
//
// Function, route and request id are members of a line, not dimensions. The log can
// be searched for them, and CloudWatch bills every combination of dimensions as a
// metric.
type Metrics struct {
	out      io.Writer
	function string
	level    string
	now      func() time.Time

	mu   sync.Mutex
	open []*document
}

// document collects the metrics of one line.
type document struct {
	about   dimension
	metrics []metric
	values  map[string][]float64
}

// dimension is a dimension of a metric beside the service. The zero value adds none.
type dimension struct{ name, value string }

type metric struct {
	Name string
	Unit Unit
}

// NewMetrics returns the metrics of a function that logs at the level, a level name
// of slog. Flush writes them.
//
// Each line has that level. Lambda takes a line without a level or a timestamp for
// INFO, and drops it where the function logs from WARN on.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
func NewMetrics(out io.Writer, function, level string, now func() time.Time) *Metrics {
	return &Metrics{out: out, function: function, level: minLevel(level).String(), now: now}
}

// ColdStart counts the start of an environment.
func (m *Metrics) ColdStart() { m.add(dimension{}, "coldStart", Count, 1) }

// Step records how long a step of the pipeline took, such as "guardDuration".
func (m *Metrics) Step(step Step, took time.Duration) {
	m.add(dimension{}, string(step)+"Duration", Milliseconds, float64(took)/float64(time.Millisecond))
}

// Limited counts a request that a limit refused with 429.
func (m *Metrics) Limited() { m.add(dimension{}, LimitedMetric, Count, 1) }

// FailedOpen counts a check that failed and was skipped.
func (m *Metrics) FailedOpen() { m.add(dimension{}, FailedOpenMetric, Count, 1) }

// OriginRefused counts a request that was refused because it did not come through the
// edge.
func (m *Metrics) OriginRefused() { m.add(dimension{}, OriginRefusedMetric, Count, 1) }

// SecurityEvent counts an event of the kind. The metric has the name of the kind,
// which must be one of package securityevents. The names of other metrics have no
// hyphen, or are one word that is not a kind.
func (m *Metrics) SecurityEvent(kind string) { m.add(dimension{}, kind, Count, 1) }

// EventLost counts a security event that could not be written.
func (m *Metrics) EventLost() { m.add(dimension{}, EventLostMetric, Count, 1) }

// UnknownSubscriber counts an event of RevenueCat that names no account.
func (m *Metrics) UnknownSubscriber() { m.add(dimension{}, "unknownSubscriber", Count, 1) }

// Breaker records whether the circuit breaker of an external service, such as
// "openai", is open: 1 when it is open, 0 when it is not. The service is in the
// dimension "dependency". An alarm watches the maximum.
func (m *Metrics) Breaker(dependency string, open bool) {
	value := 0.0
	if open {
		value = 1
	}
	m.add(dimension{"dependency", dependency}, "breakerOpen", Count, value)
}

// BudgetUsed records the used share of a stage's budget for a day, such as "emails".
// The budget is in the dimension "budget". An alarm watches the maximum.
func (m *Metrics) BudgetUsed(budget string, percent float64) {
	m.add(dimension{"budget", budget}, BudgetUsedMetric, Percent, percent)
}

func (m *Metrics) add(about dimension, name string, unit Unit, value float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.document(about, name)
	if d.values[name] == nil {
		d.metrics = append(d.metrics, metric{name, unit})
	}
	d.values[name] = append(d.values[name], value)
}

// document returns a line of the dimension with space for one more value.
func (m *Metrics) document(about dimension, name string) *document {
	for _, d := range m.open {
		if d.about == about && len(d.values[name]) < maxValues {
			return d
		}
	}
	d := &document{about: about, values: map[string][]float64{}}
	m.open = append(m.open, d)
	return d
}

// Flush writes the metrics since the previous Flush: one line for each dimension, and
// one for the rest. Call it at the end of each invocation, because Lambda may never
// thaw the environment again. Flush returns the writer's error.
func (m *Metrics) Flush(about Request) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.open = nil }()
	for _, d := range m.open {
		line, err := json.Marshal(m.line(d, about))
		if err == nil {
			_, err = m.out.Write(append(line, '\n'))
		}
		if err != nil {
			return fmt.Errorf("write metrics: %w", err)
		}
	}
	return nil
}

// line returns the document in CloudWatch's form. A single value is not in a list, as
// in the examples of the specification.
func (m *Metrics) line(d *document, about Request) map[string]any {
	dimensions := []string{"service"}
	now := m.now()
	line := map[string]any{"level": m.level, "timestamp": now.Format(time.RFC3339Nano), "service": Service, "function": m.function, "route": about.Route, "requestId": about.ID}
	if d.about != (dimension{}) {
		dimensions = append(dimensions, d.about.name)
		line[d.about.name] = d.about.value
	}
	for name, values := range d.values {
		if line[name] = values; len(values) == 1 {
			line[name] = values[0]
		}
	}
	line["_aws"] = map[string]any{
		"Timestamp":         now.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{"Namespace": Namespace, "Dimensions": [][]string{dimensions}, "Metrics": d.metrics}},
	}
	return line
}
