package function

// SuccessResponse is the response of an operation that returns no data.
type SuccessResponse struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
}
