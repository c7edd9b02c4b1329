package function

import "encoding/json"

// SuccessResponse is the response of an operation that returns no data.
type SuccessResponse struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
}

// PageResponse is the response of an operation that people open in a browser: HTML without scripts,
// styles and pictures, which may have a form that leads back to the API.
type PageResponse string

// List is a list in a response. A nil List is sent as [], where a nil slice would be
// sent as null. Values of type []T are assigned to it as they are.
type List[T any] []T

// MarshalJSON returns the elements as a JSON array.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}

// Map is a JSON object in a response whose keys are data. A nil Map is sent as {}, where
// a nil map would be sent as null. Values of type map[string]T are assigned to it as they
// are.
type Map[T any] map[string]T

// MarshalJSON returns the entries as a JSON object.
func (m Map[T]) MarshalJSON() ([]byte, error) {
	if m == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]T(m))
}
