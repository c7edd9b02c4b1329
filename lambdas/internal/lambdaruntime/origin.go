package lambdaruntime

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/constructs/origincheck"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// origin checks that a request came through the stage's edge, and finds the client's IP
// address. The zero value is a stage without an edge: it accepts every request and takes
// the address of the connection.
type origin struct {
	edge      *origincheck.Checker // nil where the stage has no edge
	forwarder *origincheck.Checker // nil where no backend forwards requests
	until     time.Time            // when the forwarder's secret stops counting
}

// newOrigin returns the origin of the stage. It reads the secrets ahead of the first
// request. A read that fails is repeated at the first request.
func newOrigin(resources *function.Resources) origin {
	stage := resources.Origin()
	var o origin
	if stage.SecretARN == "" {
		return o
	}
	client := secretsmanager.NewFromConfig(resources.AWS)
	o.edge = origincheck.New(origincheck.FromSecretsManager(client, stage.SecretARN))
	resources.Ahead(o.edge.Load)
	if stage.ForwarderSecretARN != "" {
		o.forwarder = origincheck.New(origincheck.FromSecretsManagerKey(client, stage.ForwarderSecretARN, origincheck.ForwarderKey))
		o.until = stage.ForwarderUntil
		resources.Ahead(o.forwarder.Load)
	}
	return o
}

// client returns the client's IP address and country, if the request came through the
// edge. Otherwise it returns apierror.Refused, or apierror.Unavailable when the secret
// cannot be read. Only requests that the edge has vouched for may name an address or a
// country in a header.
func (o *origin) client(ctx context.Context, event *events.APIGatewayV2HTTPRequest, now time.Time) (ip, country string, err error) {
	connection := event.RequestContext.HTTP.SourceIP
	if o.edge == nil {
		return connection, "", nil
	}
	if err := o.edge.Check(ctx, event.Headers[origincheck.Header]); errors.Is(err, origincheck.ErrNotFromEdge) {
		return "", "", apierror.Refused.Because(err)
	} else if err != nil {
		return "", "", apierror.Unavailable.After(time.Second).Because(err)
	}
	if o.forwarded(ctx, event, now) {
		if ip, ok := parseIP(event.Headers[origincheck.ForwardedIPHeader]); ok {
			return ip, "", nil // the edge knows the country of the forwarder
		}
	}
	if ip, ok := parseIP(event.Headers[origincheck.ClientIPHeader]); ok {
		return ip, parseCountry(event.Headers[origincheck.CountryHeader]), nil
	}
	telemetry.FromContext(ctx).ErrorContext(ctx, "client IP missing", "header", origincheck.ClientIPHeader)
	return connection, "", nil
}

// forwarded reports whether the request has the current secret of the forwarding
// backend. When the secret cannot be read, the request counts as the backend's own.
func (o *origin) forwarded(ctx context.Context, event *events.APIGatewayV2HTTPRequest, now time.Time) bool {
	proof := event.Headers[origincheck.ForwarderHeader]
	if o.forwarder == nil || proof == "" || !now.Before(o.until) {
		return false
	}
	if err := o.forwarder.Check(ctx, proof); err != nil {
		telemetry.FromContext(ctx).WarnContext(ctx, "forwarder refused", "error", err.Error())
		return false
	}
	return true
}

// parseIP returns the address in its canonical form, and false for any other text, such
// as a list of addresses.
func parseIP(text string) (string, bool) {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return "", false
	}
	return ip.Unmap().String(), true
}

// parseCountry returns an ISO 3166 code of two letters, and nothing for any other text.
func parseCountry(text string) string {
	if len(text) != 2 || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return text
}
