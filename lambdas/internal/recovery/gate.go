package recovery

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// errEndedSession is the cause when a session writes after its end.
var errEndedSession = errors.New("the session began before the account's last recovery, or the account is gone")

// Gate keeps ended sessions from writing PINs and devices. A request passes the check
// for revoked tokens at its beginning, and may write seconds later. Without the gate,
// it could write after a recovery has removed PINs and devices.
type Gate struct {
	client   store.Client
	accounts *store.Table[Account]
}

// OpenGate returns the gate for a function that declares ConditionCheckItem on Users.
func OpenGate(resources *function.Resources) *Gate {
	return NewGate(dynamodb.NewFromConfig(resources.AWS), resources.Table(tables.Users))
}

// NewGate returns the gate over the Users table of this name.
func NewGate(client store.Client, users string) *Gate {
	return &Gate{client, store.New[Account](client, users, tables.Users)}
}

// Write does a write to what the caller's account trusts. It returns
// apierror.Unauthorized when a recovery has ended the caller's session.
func (g *Gate) Write(ctx context.Context, caller function.Caller, write store.Write) error {
	ended := expression.Name("trustEndedAt")
	check := g.accounts.TxConditionCheck(store.Key{caller.UserID}, expression.Or(
		ended.AttributeNotExists(), ended.LessThan(expression.Value(caller.SignedInAt.Unix())),
	))
	err := store.Transact(ctx, g.client, check, write)
	if store.ConditionFailedAt(err, 0) {
		return apierror.Unauthorized.Because(errEndedSession)
	}
	return err
}
