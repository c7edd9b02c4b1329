package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Contract is a loaded contract. It is safe for concurrent use.
type Contract struct {
	operations []Operation
	router     routers.Router

	mu        sync.Mutex
	responses map[string]map[int]bool // by Operation.Key and status
}

// Load reads and validates the contract in the file.
func Load(file string) (*Contract, error) {
	document, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", file, err)
	}
	document.Servers = nil // paths start at the root of any host
	built, err := readBuilt(filepath.Join(filepath.Dir(file), BuiltFile))
	if err != nil {
		return nil, err
	}
	operations := operationsOf(document, built)
	if err := checkBuilt(built, operations); err != nil {
		return nil, err
	}
	if err := addSharedErrors(document); err != nil {
		return nil, fmt.Errorf("load %s: %w", file, err)
	}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", file, err)
	}
	return &Contract{operations: operations, router: router, responses: map[string]map[int]bool{}}, nil
}

// addSharedErrors adds two responses to operations outside /auth/: 422 and 429. Every
// operation may return them, and their bodies have another form than the default
// response.
func addSharedErrors(document *openapi3.T) error {
	for path, item := range document.Paths.Map() {
		if strings.HasPrefix(path, "/auth/") {
			continue
		}
		for _, operation := range item.Operations() {
			for status, name := range map[string]string{"422": "Unprocessable", "429": "RateLimited"} {
				response := document.Components.Responses[name]
				if response == nil {
					return fmt.Errorf("there is no response %s", name)
				}
				if operation.Responses.Value(status) == nil {
					operation.Responses.Set(status, response)
				}
			}
		}
	}
	return nil
}

// CheckResponse returns an error if the contract lacks the operation or does not allow
// the response. It records an allowed response for UncheckedResponses. The path may
// have a query.
func (c *Contract) CheckResponse(ctx context.Context, method, path string, status int, header http.Header, body []byte) error {
	input, err := c.find(method, path, http.Header{}, nil)
	if err != nil {
		return err
	}
	if err := openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 status,
		Header:                 header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
	}); err != nil {
		return fmt.Errorf("%s %s returned %d, which violates the contract: %w", method, path, status, err)
	}
	c.recordResponse(method+" "+input.Route.Path, status)
	return nil
}

// CheckRequest returns an error if the contract lacks the operation or does not allow
// the request. The path may have a query.
func (c *Contract) CheckRequest(ctx context.Context, method, path string, header http.Header, body []byte) error {
	input, err := c.find(method, path, header, body)
	if err != nil {
		return err
	}
	if input.Route.Operation.RequestBody == nil && len(body) > 0 {
		return fmt.Errorf("%s %s violates the contract: the request has a body", method, path)
	}
	input.Options = &openapi3filter.Options{AuthenticationFunc: hasBearer, SkipSettingDefaults: true}
	if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
		return fmt.Errorf("%s %s violates the contract: %w", method, path, err)
	}
	return nil
}

func hasBearer(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	if !strings.HasPrefix(input.RequestValidationInput.Request.Header.Get("Authorization"), "Bearer ") {
		return errors.New("the request has no token")
	}
	return nil
}

func (c *Contract) find(method, path string, header http.Header, body []byte) (*openapi3filter.RequestValidationInput, error) {
	target, err := url.ParseRequestURI(path)
	if err != nil {
		return nil, err
	}
	request := &http.Request{Method: method, URL: target, Header: header, Body: http.NoBody}
	if len(body) > 0 {
		request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	route, parameters, err := c.router.FindRoute(request)
	if err != nil {
		return nil, fmt.Errorf("%s %s is not in the contract: %w", method, path, err)
	}
	return &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route}, nil
}
