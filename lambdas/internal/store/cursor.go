package store

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxCursorSize is the largest accepted cursor in bytes. It covers the longest keys
// of a table and an index, which are 2 and 1 KB, and their names.
const maxCursorSize = 16 << 10

// scope is the range in which a cursor is valid: one partition of a table or of an
// index.
type scope struct {
	table, index string
	partition    tables.Attribute
	value        types.AttributeValue
	keys         []tables.Attribute // the attributes of a position
}

// cursor is the decoded form of a cursor.
type cursor struct {
	Table string            `json:"t"`
	Index string            `json:"i,omitempty"`
	Keys  map[string]string `json:"k"` // by attribute; binary values in base64url
}

func scopeOf(table *tables.Table, q Query) (s scope, err error) {
	s = scope{table: table.Name, partition: table.PartitionKey, keys: keyParts(table.PartitionKey, table.SortKey)}
	if q.Index != nil {
		s.index, s.partition = q.Index.Name, q.Index.PartitionOf(table)
		s.keys = union(keyParts(s.partition, q.Index.SortKey), s.keys)
	}
	s.value, err = keyValue(s.partition, q.Partition)
	return s, err
}

// union returns the keys of an index and of its table, each once.
func union(index, table []tables.Attribute) []tables.Attribute {
	for _, key := range table {
		if !slices.Contains(index, key) {
			index = append(index, key)
		}
	}
	return index
}

// encode returns the cursor for the position after an item.
func (s scope) encode(item SealedItem) (string, error) {
	c := cursor{Table: s.table, Index: s.index, Keys: map[string]string{}}
	for _, key := range s.keys {
		switch v := item[key.Name].(type) {
		case *types.AttributeValueMemberS:
			c.Keys[key.Name] = v.Value
		case *types.AttributeValueMemberN:
			c.Keys[key.Name] = v.Value
		case *types.AttributeValueMemberB:
			c.Keys[key.Name] = base64.RawURLEncoding.EncodeToString(v.Value)
		default:
			return "", fmt.Errorf("an item has no %s, which is part of its key", key.Name)
		}
	}
	encoded, err := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(encoded), err
}

// decode returns the position of a cursor. It returns ErrBadCursor unless the cursor
// has the form that encode gives cursors of this scope.
func (s scope) decode(text string) (SealedItem, error) {
	position, err := s.parse(text)
	if err != nil {
		return nil, ErrBadCursor.Because(err)
	}
	return position, nil
}

func (s scope) parse(text string) (SealedItem, error) {
	if len(text) > maxCursorSize {
		return nil, fmt.Errorf("a cursor of %d bytes", len(text))
	}
	encoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errors.New("a cursor that is not base64url")
	}
	var c cursor
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil || decoder.InputOffset() != int64(len(encoded)) {
		return nil, errors.New("a cursor that is not the JSON of one")
	}
	if c.Table != s.table || c.Index != s.index {
		return nil, errors.New("a cursor of another list")
	}
	position := SealedItem{}
	for _, key := range s.keys {
		if position[key.Name], err = s.keyAttribute(key, c.Keys[key.Name]); err != nil {
			return nil, err
		}
	}
	if len(c.Keys) != len(position) {
		return nil, errors.New("a cursor with more than a key")
	}
	if !reflect.DeepEqual(position[s.partition.Name], s.value) {
		return nil, errors.New("a cursor of another partition")
	}
	return position, nil
}

var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?[0-9]{1,38}(\.[0-9]{1,38})?$`) })

func (s scope) keyAttribute(key tables.Attribute, text string) (types.AttributeValue, error) {
	switch {
	case key.Type == tables.String && text != "":
		return &types.AttributeValueMemberS{Value: text}, nil
	case key.Type == tables.Number && number().MatchString(text):
		return &types.AttributeValueMemberN{Value: text}, nil
	case key.Type == tables.Binary && text != "":
		b, err := base64.RawURLEncoding.Strict().DecodeString(text)
		return &types.AttributeValueMemberB{Value: b}, err
	}
	return nil, fmt.Errorf("a cursor without a good %s", key.Name)
}
