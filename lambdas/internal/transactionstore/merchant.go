package transactionstore

import (
	"cmp"

	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
)

// merchantHash returns the keyed hash of a transaction's merchant, which is its
// description where it has none. It is empty without either.
func merchantHash(key *fieldcrypt.DataKey, t *Transaction) (string, error) {
	return hashMerchant(key, cmp.Or(t.Text.Merchant, t.Text.Description))
}

func hashMerchant(key *fieldcrypt.DataKey, text string) (string, error) {
	name := merchants.Normalise(text)
	if name == "" {
		return "", nil
	}
	return key.Hash("transaction-merchant", name)
}
