package accounts

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// repeating sends every put twice, as the SDK does when an answer is lost.
type repeating struct{ store.Client }

func (r repeating) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if _, err := r.Client.PutItem(ctx, in, o...); err != nil {
		return nil, err
	}
	return r.Client.PutItem(ctx, in, o...)
}

func TestClaim_ParallelRegistrations_OneHoldsAddress(t *testing.T) {
	now := time.Now()
	s := &Emails{
		items: store.New[tables.UserEmail](repeating{dynamotest.Client(t)}, dynamotest.Table(t, tables.UserEmails), tables.UserEmails),
		index: blindindex.New(awsfake.NewKMS(), "key"),
		now:   func() time.Time { return now },
	}
	claim := func(username string) (EmailClaim, error) { return s.Claim(t.Context(), "ada@example.com", username) }
	first, err := claim("ada")
	if err != nil {
		t.Fatalf("a claim whose answer was lost: %v", err)
	}
	if _, err := claim("eve"); !errors.Is(err, ErrEmailTaken) {
		t.Errorf("a second claim: got %v", err)
	}
	now = now.Add(claimLifetime + time.Second)
	second, err := claim("ada")
	if err != nil {
		t.Fatalf("a claim that lapsed stands: %v", err)
	}
	if err := s.Release(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := s.items.Transact(t.Context(), s.completion(first, "user-1")); !errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("a claim that lapsed is completed: %v", err)
	}
	if err := s.items.Transact(t.Context(), s.completion(second, "user-2")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(24 * time.Hour)
	if _, err := claim("eve"); !errors.Is(err, ErrEmailTaken) {
		t.Errorf("the address of an account is claimed: %v", err)
	}
	if username, found, err := s.Username(t.Context(), "Ada@Example.com"); err != nil || !found || username != "ada" {
		t.Errorf("found %v %q, %v", found, username, err)
	}
	if _, found, err := s.Username(t.Context(), "nobody@example.com"); err != nil || found {
		t.Errorf("found %v, %v", found, err)
	}
}
