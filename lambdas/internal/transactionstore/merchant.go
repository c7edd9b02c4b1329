package transactionstore

import (
	"cmp"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
)

// normaliseMerchant returns the text by which transactions with one merchant are found.
func normaliseMerchant(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(text)), " ")
}

// merchantHash returns the keyed hash of a transaction's merchant, which is its
// description where it has none. It is empty without either.
func merchantHash(key *fieldcrypt.DataKey, t *Transaction) (string, error) {
	return hashMerchant(key, cmp.Or(t.Text.Merchant, t.Text.Description))
}

func hashMerchant(key *fieldcrypt.DataKey, text string) (string, error) {
	name := normaliseMerchant(text)
	if name == "" {
		return "", nil
	}
	return key.Hash("transaction-merchant", name)
}
