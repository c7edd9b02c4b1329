package transactionstore

import (
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Change is one change of a user's transactions. Create, Edit and Delete make changes.
type Change struct {
	id     string
	create *Transaction
	edit   func(*Transaction) error // nil for a deletion
	check  func(*Transaction) error // of a deletion
}

// Create is the creation of a transaction, unless there is or was one with its id.
func Create(t Transaction) Change { return Change{id: t.TransactionID, create: &t} }

// Edit is the change of a transaction by a function. The function is called again when
// another request changed the transaction meanwhile, so it has no other effect. Apply
// returns its error.
func Edit(id string, edit func(*Transaction) error) Change { return Change{id: id, edit: edit} }

// Delete is the deletion of a transaction.
func Delete(id string) Change { return Change{id: id} }

// DeleteIf is the deletion of a transaction for which a function returns no error. Apply
// returns its error.
func DeleteIf(id string, check func(*Transaction) error) Change { return Change{id: id, check: check} }

// Outcome is what became of a change.
type Outcome string

// The outcomes. A change that was not reached before an error has none.
const (
	Created   Outcome = "created"
	Exists    Outcome = "exists" // there is or was a transaction with the id; nothing is written
	Edited    Outcome = "edited"
	Unchanged Outcome = "unchanged" // the edit made no difference; nothing is written
	Deleted   Outcome = "deleted"
	NotFound  Outcome = "not found"
)

// Result is what became of a change, with the transaction as it is stored. A transaction
// that was deleted is as it was before. With Exists and NotFound there is none.
type Result struct {
	Outcome     Outcome
	Transaction *Transaction
}

// work is a change on its way into a transaction of DynamoDB.
type work struct {
	index         int // among the changes
	change        Change
	before, after *Transaction
	write         store.Write
	outcome       Outcome
}

// settled reports whether there is nothing to write.
func (w *work) settled() bool {
	return w.outcome == Unchanged || w.outcome == NotFound || w.outcome == Exists
}

// states returns the transaction before and after the change, nil where there is none.
func (w *work) states() [2]*Transaction {
	switch w.outcome {
	case Created:
		return [2]*Transaction{nil, w.after}
	case Deleted:
		return [2]*Transaction{w.before, nil}
	}
	return [2]*Transaction{w.before, w.after}
}

// month is by which works are sorted, so that few months share a transaction.
func (w *work) month() string {
	if w.after != nil {
		return w.after.Month()
	}
	return w.before.Month()
}

func (w *work) result() Result {
	switch w.outcome {
	case NotFound, Exists:
		return Result{Outcome: w.outcome}
	case Deleted:
		return Result{w.outcome, w.before}
	}
	return Result{w.outcome, w.after}
}

// prepare makes the write of a change to a transaction as it is stored, nil when it is
// not.
func (s *Store) prepare(key *fieldcrypt.DataKey, userID string, w *work, stored *Transaction) error {
	w.before, w.after = stored, nil
	switch {
	case w.change.create != nil:
		return s.prepareCreate(key, userID, w)
	case stored == nil:
		w.outcome = NotFound
		return nil
	case w.change.edit != nil:
		return s.prepareEdit(key, userID, w)
	}
	return s.prepareDelete(key, userID, w)
}

func (s *Store) prepareCreate(key *fieldcrypt.DataKey, userID string, w *work) error {
	made := *w.change.create
	item, err := s.Seal(userID, key, &made)
	if err != nil {
		return err
	}
	w.outcome, w.after, w.write = Created, &made, s.items.TxCreate(item)
	return nil
}

func (s *Store) prepareEdit(key *fieldcrypt.DataKey, userID string, w *work) error {
	edited := w.before.clone()
	if err := w.change.edit(&edited); err != nil {
		return err
	}
	if edited.TransactionID != w.before.TransactionID {
		return fmt.Errorf("an edit changed the id of transaction %s", w.before.TransactionID)
	}
	if err := s.complete(key, userID, &edited); err != nil {
		return err
	}
	w.after = &edited
	if edited.equal(w.before) {
		w.outcome = Unchanged
		return nil
	}
	edited.Version = rand.Text()
	update, err := s.schema.Update(key, w.before.Transaction, edited.Transaction)
	if err != nil {
		return err
	}
	w.outcome, w.write = Edited, s.items.TxUpdate(store.Key{userID, w.change.id}, update, sameVersion(w.before))
	return nil
}

// prepareDelete makes the write that deletes a transaction. Of an imported one the id
// stays, so that another import of the row finds it.
func (s *Store) prepareDelete(key *fieldcrypt.DataKey, userID string, w *work) error {
	if w.change.check != nil {
		if err := w.change.check(w.before); err != nil {
			return err
		}
	}
	w.outcome = Deleted
	if !w.before.imported() {
		w.write = s.items.TxDelete(store.Key{userID, w.change.id}, sameVersion(w.before))
		return nil
	}
	left, err := s.schema.Marshal(key, tables.Transaction{
		UserID: userID, TransactionID: w.change.id, DeletedAt: s.now().UnixMilli(), Version: rand.Text(),
	})
	w.write = s.items.TxPut(left, sameVersion(w.before))
	return err
}

// sameVersion is the condition that a transaction is still as it was read.
func sameVersion(t *Transaction) expression.ConditionBuilder {
	return expression.Name(versionAttribute).Equal(expression.Value(t.Version))
}
