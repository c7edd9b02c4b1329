package remote

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/local"
)

// BucketMailbox has the e-mails that SES puts into a bucket, one object each under
// config.MailPrefix.
type BucketMailbox struct {
	Client *s3.Client
	// Bucket is the bucket's name.
	Bucket string
	// Domain is the domain whose e-mails SES receives.
	Domain string
}

// Address returns an address of the domain.
func (b BucketMailbox) Address(username string) string { return username + "@" + b.Domain }

// maxMessage is the size of an e-mail with a code, generously.
const maxMessage = 1 << 20

// Messages reads every e-mail of the last day, because objects are named by SES and not
// by recipient.
func (b BucketMailbox) Messages(ctx context.Context, address string) (found []local.Message, err error) {
	var objects []types.Object
	pages := s3.NewListObjectsV2Paginator(b.Client, &s3.ListObjectsV2Input{Bucket: &b.Bucket, Prefix: aws.String(config.MailPrefix + "/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		objects = append(objects, page.Contents...)
	}
	slices.SortStableFunc(objects, func(x, y types.Object) int { return x.LastModified.Compare(*y.LastModified) })
	for _, object := range objects {
		message, err := b.read(ctx, object.Key)
		if err != nil {
			return nil, err
		}
		if slices.Contains(message.To, address) {
			found = append(found, message)
		}
	}
	return found, nil
}

func (b BucketMailbox) read(ctx context.Context, key *string) (local.Message, error) {
	object, err := b.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Bucket, Key: key})
	if err != nil {
		return local.Message{}, err
	}
	defer object.Body.Close()
	return parseMessage(io.LimitReader(object.Body, maxMessage))
}

// parseMessage reads an e-mail as a mail server receives it (RFC 5322).
func parseMessage(r io.Reader) (local.Message, error) {
	raw, err := mail.ReadMessage(r)
	if err != nil {
		return local.Message{}, fmt.Errorf("parse an e-mail: %w", err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(raw.Header.Get("Subject"))
	if err != nil {
		return local.Message{}, fmt.Errorf("parse an e-mail's subject: %w", err)
	}
	message := local.Message{ID: raw.Header.Get("Message-Id"), From: raw.Header.Get("From"), Subject: subject}
	recipients, err := raw.Header.AddressList("To")
	if err != nil {
		return message, nil // no user gets an e-mail without a readable recipient
	}
	for _, to := range recipients {
		message.To = append(message.To, to.Address)
	}
	return message, addParts(&message, raw.Header.Get("Content-Type"), raw.Header.Get("Content-Transfer-Encoding"), raw.Body)
}

// addParts adds the text and the HTML of a part, and of the parts in it.
func addParts(message *local.Message, contentType, encoding string, body io.Reader) error {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain" // the default: https://www.rfc-editor.org/rfc/rfc2045#section-5.2
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, parameters["boundary"]); ; {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return fmt.Errorf("parse an e-mail's parts: %w", err)
			}
			if err := addParts(message, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("decode an e-mail: %w", err)
	}
	switch kind {
	case "text/plain":
		message.Text = string(text)
	case "text/html":
		message.HTML = string(text)
	}
	return nil
}
