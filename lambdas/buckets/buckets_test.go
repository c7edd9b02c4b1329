package buckets_test

import (
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/buckets"
)

func TestBuckets_AreValidAndNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, bucket := range buckets.All() {
		if err := bucket.Validate(); err != nil {
			t.Error(err)
		}
		if seen[bucket.Variable()] {
			t.Errorf("two buckets share the variable %s", bucket.Variable())
		}
		seen[bucket.Variable()] = true
	}
}

func TestValidate_BrokenBucket_ReportsEveryProblem(t *testing.T) {
	err := (&buckets.Bucket{Name: "Statements", URLAge: 90 * time.Second, ExpireDays: 30}).Validate()
	for _, want := range []string{"lower-case", "no purpose", "no content type", "0 bytes", "1m30s", "30 days"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in: %v", want, err)
		}
	}
}
