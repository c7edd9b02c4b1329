package store

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxItemSize is the largest item in bytes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-items
const maxItemSize = 400 << 10

// checkSize returns ErrTooLarge for an item that is larger than DynamoDB accepts.
func checkSize(item SealedItem) error {
	if size := sizeOfMap(item); size > maxItemSize {
		return fmt.Errorf("%w: about %d bytes, at most %d", ErrTooLarge, size, maxItemSize)
	}
	return nil
}

func sizeOfMap(item SealedItem) int {
	size := 0
	for name, value := range item {
		size += len(name) + sizeOf(value)
	}
	return size
}

// sizeOf returns the size of a value as DynamoDB counts it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func sizeOf(value types.AttributeValue) int {
	const container, element = 3, 1
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)/2 + 1
	case *types.AttributeValueMemberSS:
		return sum(v.Value, func(s string) int { return len(s) })
	case *types.AttributeValueMemberBS:
		return sum(v.Value, func(b []byte) int { return len(b) })
	case *types.AttributeValueMemberNS:
		return sum(v.Value, func(n string) int { return len(n)/2 + 1 })
	case *types.AttributeValueMemberL:
		return container + sum(v.Value, func(e types.AttributeValue) int { return element + sizeOf(e) })
	case *types.AttributeValueMemberM:
		return container + element*len(v.Value) + sizeOfMap(v.Value)
	default: // NULL and BOOL
		return 1
	}
}

func sum[T any](values []T, size func(T) int) int {
	total := 0
	for _, value := range values {
		total += size(value)
	}
	return total
}
