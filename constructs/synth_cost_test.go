package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// BenchmarkSynthLatePolicies says what a synth takes by the number of functions
// that each got a statement after they were made, and with it a policy resource
// of their own. Only the synth is timed, and the quickest run counts.
//
//	go test ./constructs -run '^$' -bench SynthLatePolicies -benchtime 2x
func BenchmarkSynthLatePolicies(b *testing.B) {
	code := constructs.BootstrapFolder(b.TempDir())
	writeBootstrap(b, string(code))
	for _, functions := range []int{20, 40, 80} {
		b.Run(fmt.Sprint(functions), func(b *testing.B) {
			quickest := time.Hour
			for b.Loop() {
				stack := newStack()
				for i := range functions {
					id := fmt.Sprint("f", i)
					f := constructs.NewLeastPrivilegeFunction(stack, id, &constructs.LeastPrivilegeFunctionProps{Name: id, Code: code})
					f.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
						Actions: jsii.Strings("sqs:SendMessage"), Resources: jsii.Strings("arn:aws:sqs:eu-west-2:111122223333:jobs"),
					}))
				}
				start := time.Now()
				synth(stack)
				quickest = min(quickest, time.Since(start))
			}
			b.ReportMetric(quickest.Seconds(), "s/synth")
			b.ReportMetric(quickest.Seconds()*1000/float64(functions), "ms/function")
		})
	}
}
