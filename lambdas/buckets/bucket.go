package buckets

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Prefix begins the key of every object that belongs to a user: "users/<user id>/<id>".
const Prefix = "users"

// Bucket is one S3 bucket, independent of the stage it is deployed to.
type Bucket struct {
	// Name is the logical name, such as "statements": lower-case words joined by hyphens.
	// The physical name adds the project, the stage and the account; it must never change
	// once deployed.
	Name string
	// Purpose says in one sentence what the objects are.
	Purpose string
	// ContentType is the only media type of uploads, such as "application/pdf". A
	// presigned URL is signed for it.
	ContentType string
	// MaxBytes is the largest object that is read. S3 cannot bind a presigned PUT to a
	// largest size, so that a larger object is deleted unread.
	MaxBytes int64
	// URLAge is how long a presigned URL works, in whole minutes up to an hour.
	URLAge time.Duration
	// ExpireDays is how many days after its upload an object is deleted, 1 to 7, at the
	// next midnight in UTC. A user's objects end that way when the account is deleted.
	ExpireDays int
}

// maxExpireDays bounds how long objects outlive the account of their user.
const maxExpireDays = 7

// Operation is what a function may do with the objects of a bucket.
type Operation string

// The operations.
const (
	// Read reads objects (s3:GetObject).
	Read Operation = "read"
	// Write writes objects, and presigns URLs by which clients write them
	// (s3:PutObject).
	Write Operation = "write"
	// Delete deletes objects (s3:DeleteObject).
	Delete Operation = "delete"
)

// Grant is the right to some operations on the objects of one bucket.
type Grant struct {
	Bucket     *Bucket
	Operations []Operation
}

// Allow returns the right to exactly these operations on the bucket's objects.
func (b *Bucket) Allow(operations ...Operation) Grant {
	return Grant{Bucket: b, Operations: operations}
}

// Variable is the name of the environment variable through which a function that may
// use the bucket learns its physical name, such as BUCKET_STATEMENTS.
func (b *Bucket) Variable() string {
	return "BUCKET_" + strings.ToUpper(strings.ReplaceAll(b.Name, "-", "_"))
}

var namePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`) })

// Validate reports everything that is wrong with the declaration.
func (b *Bucket) Validate() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("bucket %q: "+format, append([]any{b.Name}, args...)...))
	}
	if !namePattern().MatchString(b.Name) {
		problem("the name must be lower-case words joined by hyphens")
	}
	if b.Purpose == "" {
		problem("has no purpose")
	}
	if b.ContentType == "" {
		problem("has no content type: uploads of any type would be taken")
	}
	if b.MaxBytes < 1 {
		problem("has a largest size of %d bytes", b.MaxBytes)
	}
	if b.URLAge < time.Minute || b.URLAge > time.Hour || b.URLAge%time.Minute != 0 {
		problem("has URLs that work for %s: use whole minutes up to an hour", b.URLAge)
	}
	if b.ExpireDays < 1 || b.ExpireDays > maxExpireDays {
		problem("keeps objects for %d days: use 1 to %d, since nothing else deletes them with their user's account", b.ExpireDays, maxExpireDays)
	}
	return errors.Join(problems...)
}
