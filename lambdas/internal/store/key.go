package store

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Key is the primary key of an item: the value of the partition key, and the value of
// the sort key where the table has one. A value is a string, an int64, an int or a
// []byte, as the key's type requires.
type Key []any

// TimeOrderedID returns an id for a sort key that orders items by a moment: its epoch
// milliseconds in 13 digits, a hyphen, and what makes the id unique, such as rand.Text()
// or the id of the message that an item comes from.
func TimeOrderedID(at time.Time, unique string) string {
	return fmt.Sprintf("%013d-%s", at.UnixMilli(), unique)
}

// keyAttributes returns the key as DynamoDB attributes. Its error names the parts
// that the table expects.
func keyAttributes(table *tables.Table, key Key) (SealedItem, error) {
	parts := keyParts(table.PartitionKey, table.SortKey)
	if len(key) != len(parts) {
		return nil, fmt.Errorf("a key of table %s has %d parts, not %d", table.Name, len(parts), len(key))
	}
	found := make(SealedItem, len(parts))
	for i, part := range parts {
		value, err := keyValue(part, key[i])
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", table.Name, err)
		}
		found[part.Name] = value
	}
	return found, nil
}

func keyParts(partition, sort tables.Attribute) []tables.Attribute {
	if sort.Name == "" {
		return []tables.Attribute{partition}
	}
	return []tables.Attribute{partition, sort}
}

func keyValue(part tables.Attribute, value any) (types.AttributeValue, error) {
	switch v := value.(type) {
	case string:
		if part.Type == tables.String && v != "" {
			return &types.AttributeValueMemberS{Value: v}, nil
		}
	case int:
		return keyValue(part, int64(v))
	case int64:
		if part.Type == tables.Number {
			return &types.AttributeValueMemberN{Value: strconv.FormatInt(v, 10)}, nil
		}
	case []byte:
		if part.Type == tables.Binary && len(v) > 0 {
			return &types.AttributeValueMemberB{Value: v}, nil
		}
	}
	return nil, fmt.Errorf("the key %s takes a value of type %s that is not empty, not a %T", part.Name, part.Type, value)
}

// KeyOf returns the key of a stored item.
func (t *Table[T]) KeyOf(item SealedItem) Key {
	parts := keyParts(t.declared.PartitionKey, t.declared.SortKey)
	key := make(Key, len(parts))
	for i, part := range parts {
		switch v := item[part.Name].(type) {
		case *types.AttributeValueMemberS:
			key[i] = v.Value
		case *types.AttributeValueMemberN:
			key[i], _ = strconv.ParseInt(v.Value, 10, 64) // DynamoDB sends valid numbers only
		case *types.AttributeValueMemberB:
			key[i] = v.Value
		}
	}
	return key
}

// keyText returns a text that identifies the key within its table.
func keyText(table *tables.Table, key SealedItem) string {
	all := ""
	for _, part := range keyParts(table.PartitionKey, table.SortKey) {
		switch v := key[part.Name].(type) {
		case *types.AttributeValueMemberS:
			all += strconv.Quote(v.Value)
		case *types.AttributeValueMemberN:
			all += v.Value + ";"
		case *types.AttributeValueMemberB:
			all += strconv.Quote(string(v.Value))
		}
	}
	return all
}

// keyFromItem returns the primary key of an item.
func keyFromItem(table *tables.Table, item SealedItem) SealedItem {
	key := SealedItem{}
	for _, part := range keyParts(table.PartitionKey, table.SortKey) {
		key[part.Name] = item[part.Name]
	}
	return key
}
