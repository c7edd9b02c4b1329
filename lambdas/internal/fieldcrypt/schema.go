package fieldcrypt

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Schema stores items of type T in one table, with the fields of type
// tables.EncryptedString sealed. It is safe for concurrent use.
type Schema[T any] struct {
	table  *tables.Table
	sealed []sealedField
}

// NewSchema plans how items of type T are stored. It panics if T has no encrypted
// field, an encrypted field without a name or inside another field, or no field for a
// key of the table. Every test of the caller meets such a mistake.
func NewSchema[T any](table *tables.Table) *Schema[T] {
	sealed, err := plan(reflect.TypeFor[T](), table)
	if err != nil {
		panic("fieldcrypt: " + err.Error())
	}
	return &Schema[T]{table: table, sealed: sealed}
}

// Marshal returns the item in its stored form. An encrypted field becomes a binary
// attribute, and an empty one is left out. Marshal returns ErrKeyForgotten, and an
// error when the item lacks a key.
func (s *Schema[T]) Marshal(key *DataKey, item T) (map[string]types.AttributeValue, error) {
	attributes, texts, err := s.split(item)
	if err != nil {
		return nil, err
	}
	place, err := s.placeOf(attributes)
	if err != nil {
		return nil, err
	}
	cipher, err := key.secret.cipher()
	if err != nil {
		return nil, err
	}
	for i, field := range s.sealed {
		if texts[i] != "" {
			attributes[field.attribute] = s.seal(cipher, place, field, texts[i])
		}
	}
	return attributes, nil
}

// Unmarshal returns a stored item with its fields decrypted. It returns
// ErrKeyForgotten. It returns ErrCannotOpen for a field that was not sealed for this
// item under this key.
func (s *Schema[T]) Unmarshal(key *DataKey, attributes map[string]types.AttributeValue) (T, error) {
	var item, none T
	place, err := s.placeOf(attributes)
	if err != nil {
		return none, err
	}
	cipher, err := key.secret.cipher()
	if err != nil {
		return none, err
	}
	plain := maps.Clone(attributes)
	for _, field := range s.sealed {
		delete(plain, field.attribute)
	}
	if err := attributevalue.UnmarshalMap(plain, &item); err != nil {
		return none, fmt.Errorf("decode item of %s: %w", s.table.Name, err)
	}
	fields := reflect.ValueOf(&item).Elem()
	for _, field := range s.sealed {
		value, present := attributes[field.attribute]
		if !present {
			continue
		}
		text, err := open(cipher, appendParts(place, field.attribute), value)
		if err != nil {
			return none, fmt.Errorf("%s.%s: %w", s.table.Name, field.attribute, err)
		}
		fields.Field(field.index).SetString(text)
	}
	return item, nil
}

// Update returns the change that turns one version of an item into another. It
// changes only the attributes that differ, and removes fields that became empty. It
// returns an error when the two have different keys, and ErrKeyForgotten. Without a
// difference, the returned builder is empty.
func (s *Schema[T]) Update(key *DataKey, before, after T) (expression.UpdateBuilder, error) {
	var change expression.UpdateBuilder
	old, oldTexts, err1 := s.split(before)
	now, nowTexts, err2 := s.split(after)
	place, err3 := s.placeOf(now)
	oldPlace, err4 := s.placeOf(old)
	cipher, err5 := key.secret.cipher()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return change, err
	}
	if string(place) != string(oldPlace) {
		return change, fmt.Errorf("update item of %s: the key of an item cannot change", s.table.Name)
	}
	for i, field := range s.sealed {
		switch {
		case oldTexts[i] == nowTexts[i]:
		case nowTexts[i] == "":
			change = change.Remove(expression.Name(field.attribute))
		default:
			sealed := s.seal(cipher, place, field, nowTexts[i])
			change = change.Set(expression.Name(field.attribute), expression.Value(sealed))
		}
	}
	for name, value := range now {
		if !reflect.DeepEqual(old[name], value) {
			change = change.Set(expression.Name(name), expression.Value(value))
		}
	}
	for name := range old {
		if _, kept := now[name]; !kept {
			change = change.Remove(expression.Name(name))
		}
	}
	return change, nil
}

// split returns the encoded clear fields of an item, and the texts of the encrypted
// fields in the order of the plan.
func (s *Schema[T]) split(item T) (map[string]types.AttributeValue, []string, error) {
	fields := reflect.ValueOf(&item).Elem()
	texts := make([]string, len(s.sealed))
	for i, field := range s.sealed {
		texts[i] = fields.Field(field.index).String()
		fields.Field(field.index).SetString("")
	}
	attributes, err := attributevalue.MarshalMap(item)
	if err != nil {
		return nil, nil, fmt.Errorf("encode item of %s: %w", s.table.Name, err)
	}
	for _, field := range s.sealed {
		delete(attributes, field.attribute)
	}
	return attributes, texts, nil
}

// placeOf returns the part of the additional data that all fields of an item share:
// the format, the table and the item's key.
func (s *Schema[T]) placeOf(attributes map[string]types.AttributeValue) ([]byte, error) {
	parts := []string{s.table.Name}
	for _, key := range []tables.Attribute{s.table.PartitionKey, s.table.SortKey} {
		if key.Name == "" {
			continue
		}
		switch value := attributes[key.Name].(type) {
		case *types.AttributeValueMemberS:
			parts = append(parts, "S"+value.Value)
		case *types.AttributeValueMemberN:
			parts = append(parts, "N"+value.Value)
		case *types.AttributeValueMemberB:
			parts = append(parts, "B"+string(value.Value))
		default:
			return nil, fmt.Errorf("item of %s has no key attribute %s: read or set the whole item", s.table.Name, key.Name)
		}
	}
	return appendParts(append(make([]byte, 0, 128), version), parts...), nil
}

func (s *Schema[T]) seal(cipher fieldCipher, place []byte, field sealedField, text string) types.AttributeValue {
	var nonce [nonceSize]byte
	_, _ = rand.Read(nonce[:]) // crypto/rand ends the process when it fails
	return &types.AttributeValueMemberB{Value: cipher.seal(nonce, appendParts(place, field.attribute), text)}
}

func open(cipher fieldCipher, place []byte, value types.AttributeValue) (string, error) {
	sealed, ok := value.(*types.AttributeValueMemberB)
	if !ok {
		return "", fmt.Errorf("%w: it is %T, not binary, and was never sealed", ErrCannotOpen, value)
	}
	return cipher.open(place, sealed.Value)
}
