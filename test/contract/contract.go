// Package contract checks answers of the API against the client's contract,
// api/openapi.yaml.
package contract

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Contract is the loaded document.
type Contract struct {
	// Document is the OpenAPI document.
	Document *openapi3.T

	router routers.Router
}

// Load reads and validates the document in the file.
func Load(file string) (*Contract, error) {
	document, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", file, err)
	}
	document.Servers = nil // whatever the host, paths hang off its root
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", file, err)
	}
	return &Contract{Document: document, router: router}, nil
}

// Check returns an error when the contract has no such operation, or when the
// answer is not one that the contract allows for it.
func (c *Contract) Check(ctx context.Context, method, path string, status int, header http.Header, body []byte) error {
	request := &http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{}}
	route, parameters, err := c.router.FindRoute(request)
	if err != nil {
		return fmt.Errorf("%s %s is not in the contract: %w", method, path, err)
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route},
		Status:                 status,
		Header:                 header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
	}
	if err := openapi3filter.ValidateResponse(ctx, input); err != nil {
		return fmt.Errorf("%s %s answered %d against the contract: %w", method, path, status, err)
	}
	return nil
}
