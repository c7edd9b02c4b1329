package cdk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/delivery/release"
)

// A deployment that changes a property of an alias would undo the last release.
func TestAliases_OwnedByRelease_HaveConstantProperties(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for id, alias := range s.some(t, "AWS::Lambda::Alias") {
			p := alias.Properties
			if len(p) != 3 || p["FunctionVersion"] != "$LATEST" || p["Name"] != "live" || !strings.HasPrefix(text(p["FunctionName"]), `{"Ref":`) {
				t.Errorf("%s has the properties %v", id, p)
			}
		}
		for id, version := range s.some(t, "AWS::Lambda::Version") {
			if version.DeletionPolicy != "RetainExceptOnCreate" {
				t.Errorf("%s goes with the next deployment: %q", id, version.DeletionPolicy)
			}
		}
	})
}

// alarmKinds are the kinds of alarms that a release needs: errors, latency, burn rates and requests that bypass the
// edge.
var alarmKinds = []string{
	"functions-errors-critical", "functions-throttles-critical", "api-error-rate-critical", "api-latency-warning",
	"api-availability-critical", "api-availability-warning", "api-speed-critical", "security-origin-refusals-critical", "security-failed-open-warning",
}

func TestWatchedAlarms_EachKind_IsAnAlarmOfTheStage(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		prefix := s.config.PhysicalName("")
		watched, ignored := []string{}, 0
		for _, kind := range []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"} {
			for _, alarm := range s.ofType(kind) {
				name, _ := alarm.Properties["AlarmName"].(string)
				if release.WatchedAlarms(prefix).MatchString(name) {
					watched = append(watched, strings.TrimPrefix(name, prefix))
				} else {
					ignored++
				}
			}
		}
		for _, kind := range alarmKinds {
			if !slices.Contains(watched, kind) {
				t.Errorf("no alarm %s among the watched %q", kind, watched)
			}
		}
		for _, kind := range []string{"security-wrong-pins", "edge-blocked", "api-availability-critical-long"} {
			if slices.ContainsFunc(watched, func(name string) bool { return strings.HasPrefix(name, kind) }) {
				t.Errorf("%s is watched: %q", kind, watched)
			}
		}
		if ignored == 0 {
			t.Error("every alarm is watched")
		}
	})
}

func TestRelease_OnlyProd_WatchesNewVersions(t *testing.T) {
	for _, name := range config.Stages() {
		cfg, err := config.Load(name)
		if err != nil || (cfg.Release.Weight > 0) != (name == "prod") {
			t.Errorf("%s releases with the weight %v, %v", name, cfg.Release.Weight, err)
		}
	}
}
