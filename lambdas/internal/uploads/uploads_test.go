package uploads_test

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
)

// objects is S3 in memory.
type objects struct {
	content map[string]string
	err     error
	size    int64 // what S3 says of every object, where it is not zero
	unsized bool  // whether S3 leaves the size out
	read    int
}

func (o *objects) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	content, ok := o.content[*in.Key]
	if o.err != nil || !ok {
		return nil, errors.Join(o.err, &smithy.GenericAPIError{Code: "NoSuchKey"})
	}
	size := aws.Int64(int64(len(content)))
	if o.size != 0 {
		size = &o.size
	}
	if o.unsized {
		size = nil
	}
	return &s3.GetObjectOutput{ContentLength: size, Body: io.NopCloser(&counted{strings.NewReader(content), &o.read})}, nil
}

func (o *objects) DeleteObject(_ context.Context, in *s3.DeleteObjectInput, _ ...func(*s3.Options)) (*s3.DeleteObjectOutput, error) {
	delete(o.content, *in.Key)
	return &s3.DeleteObjectOutput{}, o.err
}

type counted struct {
	io.Reader
	n *int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	*c.n += n
	return n, err
}

func newFiles(o *objects) *uploads.Files {
	signer := s3.New(s3.Options{Region: "eu-west-2", Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", "")})
	return uploads.New(o, s3.NewPresignClient(signer), "expenzez-dev-statements-1", buckets.Statements)
}

func TestURL_SignsTypeKeyAndAge(t *testing.T) {
	link, key, err := newFiles(&objects{}).URL(t.Context(), "user-1")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if owner, ok := uploads.Owner(key); !ok || owner != "user-1" || !strings.HasSuffix(parsed.Path, key) {
		t.Errorf("the key is %q in %s", key, parsed.Path)
	}
	query := parsed.Query()
	if signed := query.Get("X-Amz-SignedHeaders"); !strings.Contains(signed, "content-type") || query.Get("X-Amz-Expires") != "900" {
		t.Errorf("signed %q for %s s", signed, query.Get("X-Amz-Expires"))
	}
	if query.Has("x-amz-checksum-crc32") || query.Has("x-amz-sdk-checksum-algorithm") {
		t.Error("the client would have to send a checksum")
	}
	if _, other, _ := newFiles(&objects{}).URL(t.Context(), "user-1"); other == key {
		t.Error("two uploads have the same key")
	}
}

func TestRead_ObjectOfUser_IsReturnedAndDeleted(t *testing.T) {
	const key = "users/user-1/a"
	o := &objects{content: map[string]string{key: "%PDF"}}
	content, err := newFiles(o).Read(t.Context(), key, "user-1")
	if err != nil || string(content) != "%PDF" {
		t.Errorf("got %q, %v", content, err)
	}
	if err := newFiles(o).Delete(t.Context(), key); err != nil || len(o.content) != 0 {
		t.Errorf("got %v, left %v", err, o.content)
	}
}

func TestRead_KeyOfAnotherUserOrNone_IsNotFound(t *testing.T) {
	o := &objects{content: map[string]string{"users/user-1/a": "x", "users/user-1/../user-2/a": "x", "users//a": "x", "a": "x"}}
	for _, try := range []struct{ key, user string }{
		{"users/user-1/a", "user-2"}, {"users/user-1/b", "user-1"}, {"users/user-1/../user-2/a", "user-1"}, {"users//a", ""}, {"a", "user-1"}, {"", ""},
	} {
		if _, err := newFiles(o).Read(t.Context(), try.key, try.user); !errors.Is(err, uploads.ErrNotFound) {
			t.Errorf("%q for %q: got %v", try.key, try.user, err)
		}
	}
}

func TestRead_TooLarge_IsRefusedUnread(t *testing.T) {
	o := &objects{content: map[string]string{"users/user-1/a": "x"}, size: buckets.Statements.MaxBytes + 1}
	if _, err := newFiles(o).Read(t.Context(), "users/user-1/a", "user-1"); !errors.Is(err, uploads.ErrTooLarge) || o.read > 0 {
		t.Errorf("got %v after %d bytes", err, o.read)
	}
}

func TestRead_TooLargeWithoutASize_IsRefused(t *testing.T) {
	large := strings.Repeat("x", int(buckets.Statements.MaxBytes)+1)
	for content, want := range map[string]error{large: uploads.ErrTooLarge, large[1:]: nil} {
		o := &objects{content: map[string]string{"users/user-1/a": content}, unsized: true}
		if _, err := newFiles(o).Read(t.Context(), "users/user-1/a", "user-1"); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v", len(content), err)
		}
	}
}

func TestRead_FailureOfS3_IsReturned(t *testing.T) {
	o := &objects{err: &smithy.GenericAPIError{Code: "SlowDown"}}
	if _, err := newFiles(o).Read(t.Context(), "users/user-1/a", "user-1"); err == nil || errors.Is(err, uploads.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
