package release

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Limits of the judgement of new versions.
const (
	// minFailures is how many failures there must be. With fewer, chance would decide.
	minFailures = 5
	// maxFailingShare is the share of invocations or responses that may fail.
	maxFailingShare = 0.05
	// baseline is how long before the release the API is measured for comparison.
	baseline = time.Hour
	// maxQueries is how many metrics one call reads.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
	maxQueries = 500
)

// WatchedAlarms matches the names of the alarms of a stage that take a release back: on
// errors, throttles, latency, burn rates, requests that bypass the edge, and checks that
// fail open. Alarms on attacks are left out, so that an attacker cannot stop a release.
func WatchedAlarms(stagePrefix string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.QuoteMeta(stagePrefix) +
		`(functions-(errors|throttles|duration(-.+)?)|api-(error-rate|latency|availability|speed)|security-(origin-refusals|failed-open))-(warning|critical)$`)
}

// Metrics judge a release by the stage's alarms and by CloudWatch's metrics.
type Metrics struct {
	// Prefix begins the names of the alarms. Watched matches those that count.
	Prefix  string
	Watched *regexp.Regexp
	// API returns the id of the stage's HTTP API. Responses are judged if there is one.
	API func(context.Context) (string, error)

	client *cloudwatch.Client
}

// NewMetrics returns the metrics of the configuration's region. The stage's names begin
// with the prefix.
func NewMetrics(cfg aws.Config, prefix string, api func(context.Context) (string, error)) *Metrics {
	return &Metrics{Prefix: prefix, Watched: WatchedAlarms(prefix), API: api, client: cloudwatch.NewFromConfig(cfg)}
}

// Alarms returns the names of the watched alarms that are in ALARM.
func (m *Metrics) Alarms(ctx context.Context) (names []string, err error) {
	pages := cloudwatch.NewDescribeAlarmsPaginator(m.client, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(m.Prefix), StateValue: types.StateValueAlarm,
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, alarm := range page.MetricAlarms {
			names = append(names, aws.ToString(alarm.AlarmName))
		}
		for _, alarm := range page.CompositeAlarms {
			names = append(names, aws.ToString(alarm.AlarmName))
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !m.Watched.MatchString(name) })
	slices.Sort(names)
	return names, nil
}

// Failing judges the invocations of the new versions and the responses of the API.
func (m *Metrics) Failing(ctx context.Context, r *Release, since time.Time) (string, error) {
	if reason, err := m.failingVersion(ctx, r, since); reason != "" || err != nil {
		return reason, err
	}
	return m.failingResponses(ctx, r, since)
}

// failingVersion compares the errors of each new version with those of the old one.
func (m *Metrics) failingVersion(ctx context.Context, r *Release, since time.Time) (string, error) {
	var queries []types.MetricDataQuery
	for i, shift := range r.Shifts {
		for kind, version := range map[string]string{"old": shift.From, "new": shift.To} {
			if version == "" {
				continue
			}
			for _, metric := range []string{"Invocations", "Errors"} {
				queries = append(queries, sum(fmt.Sprintf("%s_%s_%d", kind, strings.ToLower(metric), i), "AWS/Lambda", metric, map[string]string{
					"FunctionName": shift.Function, "Resource": shift.Function + ":" + alias, "ExecutedVersion": version,
				}))
			}
		}
	}
	sums, err := m.read(ctx, queries, since, time.Now().Add(time.Minute))
	if err != nil {
		return "", err
	}
	all := comparison{subject: "the new versions together"}
	for i, shift := range r.Shifts {
		one := comparison{subject: fmt.Sprintf("version %s of %s", shift.To, shift.Function)}
		for kind, counts := range map[string]*counts{"old": &one.old, "new": &one.new} {
			counts.all, counts.failed = sums[fmt.Sprintf("%s_invocations_%d", kind, i)], sums[fmt.Sprintf("%s_errors_%d", kind, i)]
		}
		if reason := one.failing(); reason != "" {
			return reason, nil
		}
		all.old.add(one.old)
		all.new.add(one.new)
	}
	return all.failing(), nil
}

// failingResponses compares the API's 5xx responses with those of the hour before. A
// function answers most failures itself, which Lambda does not count as errors, and the
// API does not say which version answered. So the share above the hour before is put down
// to the invocations that the new versions had.
func (m *Metrics) failingResponses(ctx context.Context, r *Release, since time.Time) (string, error) {
	api, err := m.API(ctx)
	if api == "" || r.Weight == 0 || err != nil {
		return "", err
	}
	dimensions := map[string]string{"ApiId": api}
	queries := []types.MetricDataQuery{
		sum("all", "AWS/ApiGateway", "Count", dimensions), sum("failed", "AWS/ApiGateway", "5xx", dimensions),
	}
	before, err := m.read(ctx, queries, since.Add(-baseline), since)
	if err != nil {
		return "", err
	}
	now, err := m.read(ctx, queries, since, time.Now().Add(time.Minute))
	if err != nil {
		return "", err
	}
	usual := counts{all: before["all"], failed: before["failed"]}.share()
	return responses(counts{all: now["all"], failed: now["failed"]}, usual, r.Weight), nil
}

// responses returns why responses of an API are too many failures for a release of that
// weight, where usual is the share that failed before.
func responses(now counts, usual, weight float64) string {
	excess := now.failed - usual*now.all
	if share := excess / (weight * now.all); excess >= minFailures && share > maxFailingShare {
		return fmt.Sprintf("%.0f of %.0f responses were 5xx, %.0f more than before, which is %.0f %% of what the new versions answered",
			now.failed, now.all, excess, 100*share)
	}
	return ""
}

// counts are invocations or responses.
type counts struct{ all, failed float64 }

func (c *counts) add(other counts) {
	c.all += other.all
	c.failed += other.failed
}

func (c counts) share() float64 {
	if c.all == 0 {
		return 0
	}
	return c.failed / c.all
}

// comparison compares a new version with the old one.
type comparison struct {
	subject  string
	old, new counts
}

// failing returns why the new version must be taken back, and an empty string if it need
// not. A version that fails no more than twice as often as the old one is no worse.
func (c comparison) failing() string {
	if share := c.new.share(); c.new.failed >= minFailures && share > maxFailingShare && share > 2*c.old.share() {
		return fmt.Sprintf("%s failed in %.0f of %.0f invocations, the old in %.0f of %.0f",
			c.subject, c.new.failed, c.new.all, c.old.failed, c.old.all)
	}
	return ""
}

func sum(id, namespace, name string, dimensions map[string]string) types.MetricDataQuery {
	metric := &types.Metric{Namespace: &namespace, MetricName: &name}
	for key, value := range dimensions {
		metric.Dimensions = append(metric.Dimensions, types.Dimension{Name: aws.String(key), Value: aws.String(value)})
	}
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{Metric: metric, Period: aws.Int32(60), Stat: aws.String("Sum")}}
}

// read returns the sums of the metrics between two times, by the queries' ids. CloudWatch
// has a value for each minute.
func (m *Metrics) read(ctx context.Context, queries []types.MetricDataQuery, from, to time.Time) (map[string]float64, error) {
	sums := map[string]float64{}
	for part := range slices.Chunk(queries, maxQueries) {
		pages := cloudwatch.NewGetMetricDataPaginator(m.client, &cloudwatch.GetMetricDataInput{
			MetricDataQueries: part, StartTime: aws.Time(from.Truncate(time.Minute)), EndTime: aws.Time(to.Truncate(time.Minute)),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("read the metrics: %w", err)
			}
			for _, result := range page.MetricDataResults {
				for _, value := range result.Values {
					sums[aws.ToString(result.Id)] += value
				}
			}
		}
	}
	return sums, nil
}
