package notifications

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/unsubscribe"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// linkLimit is how often an address uses links. A mail provider clicks for all of its users
// from few addresses.
var linkLimit = function.Limits(function.Limit{Requests: 600, Per: time.Minute})

// Unsubscribe takes the links to leave the digest.
var Unsubscribe = function.Define(function.Spec[*unsubscribed]{
	Name:    "notifications-unsubscribe",
	Purpose: "Turns the digest off for the user of a link, without a sign-in.",
	New: func(resources *function.Resources) (*unsubscribed, error) {
		return &unsubscribed{
			links:    unsubscribe.Open(resources),
			settings: store.Open[tables.NotificationPreferencesItem](resources, tables.NotificationSettings),
		}, nil
	},
	Routes: []function.RouteOf[*unsubscribed]{
		function.Public("GET /notifications/unsubscribe/{token}", (*unsubscribed).Ask, linkLimit),
		function.Public("POST /notifications/unsubscribe/{token}", (*unsubscribed).Leave, linkLimit, function.Form()),
	},
	Permissions: function.Permissions{Tables: []tables.Grant{tables.NotificationSettings.Allow(tables.UpdateItem)}}.And(unsubscribe.Permissions),
})

var errBadLink = apierror.New(http.StatusNotFound, "UNSUBSCRIBE_LINK_INVALID", "This link is not valid.")

type unsubscribed struct {
	links interface {
		Read(ctx context.Context, token string) (unsubscribe.List, string, error)
	}
	settings *store.Table[tables.NotificationPreferencesItem]
}

// linkRequest is a link that is opened. Its token is not read.
type linkRequest struct {
	Token string `path:"token" json:"-"`
}

// askPage has a form without an address, which leads to the address of the page.
const askPage = `<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unsubscribe</title>
<h1>Unsubscribe</h1>
<p>Do you want no more digests by email?</p>
<form method="post"><button name="List-Unsubscribe" value="One-Click">Unsubscribe</button></form>
</html>
`

const leftPage = `<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unsubscribed</title>
<h1>Unsubscribed</h1>
<p>You get no more digests by email. The notification settings of the app turn them on again.</p>
</html>
`

// Ask returns a page that asks whether to leave the list. It is the same for every link and
// changes nothing, because mail programs open links to look for malware.
// https://www.rfc-editor.org/rfc/rfc8058#section-2
func (u *unsubscribed) Ask(context.Context, linkRequest) (function.PageResponse, error) {
	return askPage, nil
}

// leaveRequest is what mail providers post for a click, and the form of the page too.
// https://www.rfc-editor.org/rfc/rfc8058#section-3.2
type leaveRequest struct {
	Token    string `path:"token" json:"-" validate:"required"`
	OneClick string `json:"List-Unsubscribe" validate:"required,oneof=One-Click"`
}

// Leave turns the digest off. A link works again and again, also for a user without an
// account. Every invalid link has the same answer.
func (u *unsubscribed) Leave(ctx context.Context, in leaveRequest) (function.PageResponse, error) {
	list, userID, err := u.links.Read(ctx, in.Token)
	if errors.Is(err, unsubscribe.ErrInvalid) || err == nil && list != unsubscribe.Digest {
		return "", errBadLink
	}
	if err != nil {
		return "", err
	}
	digest := expression.Name("notifications.emailDigest")
	off := expression.Remove(digest).Add(expression.Name("notifications.emailRevision"), expression.Value(1))
	_, err = u.settings.Update(ctx, store.Key{userID, tables.NotificationPreferencesID}, off, digest.AttributeExists())
	return leftPage, store.IgnoreConditionFailed(store.IgnoreNotFound(err))
}
