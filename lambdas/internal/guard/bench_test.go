package guard_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

// willing takes every write.
type willing struct{}

func (willing) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return &dynamodb.UpdateItemOutput{}, nil
}

// benchmark measures what the guard itself takes for a request of the subject
// that is made anew each time, as it is for each request.
func benchmark(b *testing.B, subject func() guard.LimitKey) {
	routes := []function.Route{{Key: key, Limits: []function.Limit{{Requests: 300, Per: time.Minute}}}}
	g := guard.New(willing{}, "RateLimits", routes, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		if err := g.Check(b.Context(), key, subject()); err != nil {
			b.Fatal(err)
		}
	}
}

// subject keeps the compiler from leaving out an unused result.
var (
	user    = function.Caller{UserID: "5b9f1a52-2f0e-4c9b-9d5e-1f6f1f8f0c11", TokenID: "t", SessionID: "s", IssuedAt: time.Unix(1_700_000_000, 0)}
	subject guard.LimitKey
)

func BenchmarkCheckOfAUser(b *testing.B) {
	benchmark(b, func() guard.LimitKey { return guard.User(user) })
}

func BenchmarkCheckOfAnAddress(b *testing.B) {
	names := pseudonym.New(awsfake.NewKMS(), "key")
	benchmark(b, func() guard.LimitKey { return address(b, names) })
}

func BenchmarkSubjectOfAUser(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		subject = guard.User(user)
	}
}

func BenchmarkSubjectOfAnAddress(b *testing.B) {
	names := pseudonym.New(awsfake.NewKMS(), "key")
	b.ReportAllocs()
	for b.Loop() {
		subject = address(b, names)
	}
}

func address(b *testing.B, names *pseudonym.Maker) guard.LimitKey {
	name, err := names.SourceIP(b.Context(), "192.0.2.77")
	if err != nil {
		b.Fatal(err)
	}
	return guard.SourceIP(name)
}
