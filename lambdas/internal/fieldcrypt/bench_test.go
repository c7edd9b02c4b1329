package fieldcrypt_test

import (
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// contact is an item of four sealed fields and little else, so that the
// benchmarks measure sealing and not the encoding of a large item.
type contact struct {
	UserID      string                 `dynamodbav:"userId"`
	Email       tables.EncryptedString `dynamodbav:"email"`
	PhoneNumber tables.EncryptedString `dynamodbav:"phone_number"`
	Birthdate   tables.EncryptedString `dynamodbav:"birthdate"`
	Address     tables.EncryptedString `dynamodbav:"address"`
}

// The benchmarks include the warm look-up of the data key, as a request does.
func benchmark[T any](b *testing.B, run func(*fieldcrypt.Schema[T], *fieldcrypt.DataKey) error) {
	schema := fieldcrypt.NewSchema[T](tables.Users)
	keys := fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{MaxUses: 1 << 40})
	wrapped := mustNew(b, keys, ada).Wrapped
	b.ReportAllocs()
	for b.Loop() {
		if err := run(schema, mustUnwrap(b, keys, ada, wrapped)); err != nil {
			b.Fatal(err)
		}
	}
}

func marshal[T any](item T) func(*fieldcrypt.Schema[T], *fieldcrypt.DataKey) error {
	return func(schema *fieldcrypt.Schema[T], key *fieldcrypt.DataKey) error {
		_, err := schema.Marshal(key, item)
		return err
	}
}

func roundTrip[T any](item T) func(*fieldcrypt.Schema[T], *fieldcrypt.DataKey) error {
	return func(schema *fieldcrypt.Schema[T], key *fieldcrypt.DataKey) error {
		attributes, err := schema.Marshal(key, item)
		if err != nil {
			return err
		}
		_, err = schema.Unmarshal(key, attributes)
		return err
	}
}

var fourFields = contact{
	UserID: "ada", Email: profile.Email, PhoneNumber: profile.PhoneNumber, Birthdate: profile.Birthdate, Address: profile.Address,
}

func BenchmarkSealFourFields(b *testing.B)        { benchmark(b, marshal(fourFields)) }
func BenchmarkSealAndOpenFourFields(b *testing.B) { benchmark(b, roundTrip(fourFields)) }
func BenchmarkSealUser(b *testing.B)              { benchmark(b, marshal(profile)) }
func BenchmarkSealAndOpenUser(b *testing.B)       { benchmark(b, roundTrip(profile)) }
