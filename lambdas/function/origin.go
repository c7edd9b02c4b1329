package function

import (
	"fmt"
	"strings"
	"time"
)

// The environment variables of the origin proof. The stacks set them for every
// function with routes where the stage has an edge, whatever the function declares.
const (
	// OriginSecretVariable holds the ARN of the secret that the edge sends. Stages
	// without an edge do not set it.
	OriginSecretVariable = "ORIGIN_SECRET_ARN"
	// ForwarderSecretVariable holds the ARN of the secret of a backend that forwards
	// the requests of its own clients. Stages without such a backend do not set it.
	ForwarderSecretVariable = "FORWARDER_SECRET_ARN"
	// ForwarderUntilVariable holds the time in RFC 3339 from which the backend's
	// secret proves nothing.
	ForwarderUntilVariable = "FORWARDER_UNTIL"
)

// Origin says how a request proves that it came through the stage's edge. The zero
// value is a stage without an edge.
type Origin struct {
	// SecretARN is the ARN of the secret that the edge sends.
	SecretARN string
	// ForwarderSecretARN is the ARN of the forwarding backend's secret, or empty.
	ForwarderSecretARN string
	// ForwarderUntil is when the forwarding backend's secret stops counting.
	ForwarderUntil time.Time
}

// Origin returns the origin proof of the stage. An invalid variable fails the start.
func (r *Resources) Origin() Origin {
	o := Origin{SecretARN: r.optionalARN(OriginSecretVariable), ForwarderSecretARN: r.optionalARN(ForwarderSecretVariable)}
	if o.ForwarderSecretARN == "" {
		return o
	}
	if o.SecretARN == "" {
		r.problems = append(r.problems, fmt.Errorf("environment variable %s is set without %s", ForwarderSecretVariable, OriginSecretVariable))
	}
	until, err := time.Parse(time.RFC3339, r.variable(ForwarderUntilVariable))
	if err != nil {
		r.problems = append(r.problems, fmt.Errorf("environment variable %s is no time in RFC 3339", ForwarderUntilVariable))
	}
	o.ForwarderUntil = until
	return o
}

// optionalARN returns the ARN in the variable, or "" when the variable is not set. A set
// variable without an ARN fails the start.
func (r *Resources) optionalARN(name string) string {
	value, set := r.lookup(name)
	if !set {
		return ""
	}
	if !strings.HasPrefix(value, "arn:") {
		r.problems = append(r.problems, fmt.Errorf("environment variable %s is no ARN", name))
	}
	return value
}
