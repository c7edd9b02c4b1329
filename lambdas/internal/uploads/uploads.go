package uploads

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
)

var (
	// ErrNotFound is returned for an object that does not exist, and for one of another
	// user.
	ErrNotFound = errors.New("there is no such upload")
	// ErrTooLarge is returned for an object that is larger than the bucket's MaxBytes.
	ErrTooLarge = errors.New("the upload is too large")
)

// S3 is the part of the S3 client that uploads need.
type S3 interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

// Presigner signs requests for others to send. *s3.PresignClient is one.
type Presigner interface {
	PresignPutObject(context.Context, *s3.PutObjectInput, ...func(*s3.PresignOptions)) (*v4.PresignedHTTPRequest, error)
}

// Files are the objects of users in one bucket. They are safe for concurrent use.
type Files struct {
	client   S3
	presign  Presigner
	name     string
	declared *buckets.Bucket
}

// Open returns the objects of a bucket for a function that declares the operations of
// the methods that it calls.
func Open(resources *function.Resources, bucket *buckets.Bucket) *Files {
	client := s3.NewFromConfig(resources.AWS, func(o *s3.Options) {
		o.UsePathStyle = resources.AWS.BaseEndpoint != nil // the local engine has no host for each bucket
		// A checksum in the signed headers would have to be sent by the client.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	})
	return New(client, s3.NewPresignClient(client), resources.Bucket(bucket), bucket)
}

// New returns the objects of the bucket with this physical name.
func New(client S3, presign Presigner, name string, bucket *buckets.Bucket) *Files {
	return &Files{client: client, presign: presign, name: name, declared: bucket}
}

// URL returns a presigned URL to which a client sends one PUT with the bucket's content
// type, and the key of the object that this makes (Write).
func (f *Files) URL(ctx context.Context, userID string) (url, key string, err error) {
	key = fmt.Sprintf("%s/%s/%s", buckets.Prefix, userID, rand.Text())
	request, err := f.presign.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: &f.name, Key: &key, ContentType: &f.declared.ContentType,
	}, s3.WithPresignExpires(f.declared.URLAge))
	if err != nil {
		return "", "", fmt.Errorf("presign an upload to %s: %w", f.declared.Name, err)
	}
	return request.URL, key, nil
}

// Owner returns the user whose object has the key, and false when it is no key of URL.
func Owner(key string) (userID string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != buckets.Prefix || parts[1] == "" || parts[2] == "" {
		return "", false
	}
	return parts[1], true
}

// Read returns the content of a user's object. It returns ErrNotFound, ErrTooLarge
// before anything is read, or the errors of S3 (Read).
func (f *Files) Read(ctx context.Context, key, userID string) ([]byte, error) {
	if owner, ok := Owner(key); !ok || owner != userID {
		return nil, ErrNotFound
	}
	out, err := f.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &f.name, Key: &key})
	if err != nil {
		return nil, f.failed("read", err)
	}
	defer out.Body.Close()
	if aws.ToInt64(out.ContentLength) > f.declared.MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, aws.ToInt64(out.ContentLength), f.declared.MaxBytes)
	}
	content, err := io.ReadAll(io.LimitReader(out.Body, f.declared.MaxBytes+1))
	if err != nil {
		return nil, f.failed("read", err)
	}
	if int64(len(content)) > f.declared.MaxBytes { // S3 did not say the size
		return nil, fmt.Errorf("%w: over %d bytes", ErrTooLarge, f.declared.MaxBytes)
	}
	return content, nil
}

// Delete deletes an object. There being none is no error (Delete).
func (f *Files) Delete(ctx context.Context, key string) error {
	_, err := f.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &f.name, Key: &key})
	return f.failed("delete", err)
}

// failed says what failed on which bucket. S3 answers 403 for a missing object to a
// function that may not list the bucket.
func (f *Files) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	var refused smithy.APIError
	if errors.As(err, &refused) && (refused.ErrorCode() == "NoSuchKey" || refused.ErrorCode() == "AccessDenied" && what == "read") {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return fmt.Errorf("%s an object of %s: %w", what, f.declared.Name, err)
}
