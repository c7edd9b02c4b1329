package cdk_test

import (
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestConcurrency_FunctionsOfStrangersAndBacklogs_AreBounded(t *testing.T) {
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		want := 0
		for _, event := range f.Events {
			if event.Batched() {
				want = s.config.Functions.Concurrency.Consumer
			}
		}
		for _, route := range f.Routes {
			if route.Access == function.AccessPublic {
				want = s.config.Functions.Concurrency.Public
			}
		}
		if got, _ := built.Properties["ReservedConcurrentExecutions"].(float64); int(got) != want {
			t.Errorf("%s reserves %v, want %d", f.Name, got, want)
		}
	})
}

// A queue that gives its function more batches than the function may run has them
// throttled, and each throttle is an attempt on the way to the dead letters.
func TestConcurrency_Queues_GiveNoMoreThanIsReserved(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		queues := 0
		for id, mapping := range s.some(t, "AWS::Lambda::EventSourceMapping") {
			scaling, ofQueue := mapping.Properties["ScalingConfig"].(map[string]any)
			if !ofQueue {
				continue // a stream gives one batch of each shard
			}
			queues++
			if got, _ := scaling["MaximumConcurrency"].(float64); int(got) != s.config.Functions.Concurrency.Consumer {
				t.Errorf("%s gives %v batches at once", id, scaling["MaximumConcurrency"])
			}
		}
		if want := len(s.ofType("AWS::SQS::Queue")); queues == 0 || queues > want {
			t.Errorf("%d mappings have a maximum, of %d queues", queues, want)
		}
	})
}

func TestConcurrency_EachStage_LeavesEnoughUnreserved(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		reserved := 0
		for _, f := range s.some(t, "AWS::Lambda::Function") {
			n, _ := f.Properties["ReservedConcurrentExecutions"].(float64)
			reserved += int(n)
		}
		if reserved == 0 || reserved+config.MinUnreserved > s.config.Functions.Concurrency.Quota {
			t.Errorf("%d are reserved of %d", reserved, s.config.Functions.Concurrency.Quota)
		}
	})
}
