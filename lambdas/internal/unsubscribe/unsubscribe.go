package unsubscribe

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

const (
	// label is the message from which KMS derives the key.
	label = "unsubscribe:v1"
	// Path is the path of links, before the token.
	Path = "/notifications/unsubscribe/"
	// MaxLength is the maximum length of a token, in characters. Those of lists with short
	// names have about 90.
	MaxLength = 200
)

// List names a list of e-mails that recipients can leave.
type List string

// Digest is the list of the digests of notifications.
const Digest List = "digest"

// ErrInvalid is returned for a text that is no token of ours. It does not say why.
var ErrInvalid = errors.New("the token of the link is not valid")

// Links makes and reads links. It is safe for concurrent use.
type Links struct {
	client blindindex.KMS
	keyID  string

	mu sync.Mutex
	// aead returns the cipher, and is nil before the first use. It is a function because
	// fmt prints no captured variables.
	aead func() cipher.AEAD
}

// Permissions are what a function declares that opens Links.
var Permissions = function.Permissions{Keys: []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)}}

// Open returns the links of a function that declares Permissions.
func Open(resources *function.Resources) *Links {
	return New(kms.NewFromConfig(resources.AWS), resources.Key(function.LookupKey))
}

// New returns links whose key comes from the KMS HMAC_256 key with this ARN.
func New(client blindindex.KMS, keyID string) *Links { return &Links{client: client, keyID: keyID} }

// URL returns the link with which a user leaves a list, on the host name of the stage's API.
// It returns the errors of KMS.
func (l *Links) URL(ctx context.Context, domain string, list List, userID string) (string, error) {
	aead, err := l.derived(ctx)
	if err != nil {
		return "", fmt.Errorf("make a link to unsubscribe: %w", err)
	}
	token := aead.Seal(nil, nil, []byte(string(list)+" "+userID), nil)
	return "https://" + domain + Path + base64.RawURLEncoding.EncodeToString(token), nil
}

// Read returns the list and the user of a token, ErrInvalid, or the errors of KMS.
func (l *Links) Read(ctx context.Context, token string) (List, string, error) {
	aead, err := l.derived(ctx)
	if err != nil {
		return "", "", fmt.Errorf("read a link to unsubscribe: %w", err)
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(token) > MaxLength {
		return "", "", ErrInvalid
	}
	opened, err := aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return "", "", ErrInvalid
	}
	list, userID, _ := strings.Cut(string(opened), " ")
	return List(list), userID, nil
}

// derived returns the cipher under the key that KMS derives at first use. After an error,
// the next call tries again.
func (l *Links) derived(ctx context.Context) (cipher.AEAD, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.aead != nil {
		return l.aead(), nil
	}
	key, err := blindindex.DeriveKey(ctx, l.client, l.keyID, label)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	made, err := cipher.NewGCMWithRandomNonce(block)
	if err == nil {
		l.aead = func() cipher.AEAD { return made }
	}
	return made, err
}
