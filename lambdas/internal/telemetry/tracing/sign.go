package tracing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// NewSigner returns a RoundTripper that signs requests to an AWS service with
// Signature Version 4 before next sends them. It reads bodies into memory.
func NewSigner(next http.RoundTripper, config aws.Config, service string, now func() time.Time) http.RoundTripper {
	return &signer{next, config, service, now, v4.NewSigner()}
}

type signer struct {
	next    http.RoundTripper
	config  aws.Config
	service string
	now     func() time.Time
	v4      *v4.Signer
}

// RoundTrip signs a copy of the request: a RoundTripper must not change it.
func (s *signer) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		var err error
		body, err = io.ReadAll(request.Body)
		request.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("sign: read the body: %w", err)
		}
	}
	credentials, err := s.config.Credentials.Retrieve(request.Context())
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	signed := request.Clone(request.Context())
	signed.Body = io.NopCloser(bytes.NewReader(body))
	hash := sha256.Sum256(body)
	if err := s.v4.SignHTTP(request.Context(), credentials, signed, hex.EncodeToString(hash[:]), s.service, s.config.Region, s.now()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return s.next.RoundTrip(signed)
}
