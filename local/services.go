package local

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var serviceName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// checkServices returns an error for every external service with an invalid name or
// with a URL that leaves this machine.
func checkServices(services map[string]string) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(services)) {
		base, err := url.Parse(services[name])
		switch {
		case !serviceName.MatchString(name):
			problems = append(problems, fmt.Errorf("external service %q: the name must be lower-case letters and digits", name))
		case err != nil:
			problems = append(problems, fmt.Errorf("external service %s: %w", name, err))
		case base.Scheme != "http" || !net.ParseIP(base.Hostname()).IsLoopback() ||
			base.User != nil || base.RawQuery != "" || base.Fragment != "":
			problems = append(problems, fmt.Errorf(
				"external service %s: %q is not http://, a loopback address and a path", name, services[name]))
		}
	}
	return errors.Join(problems...)
}

// servicesEnv returns the environment variables with the base URLs of the services. The
// engine gets them, and every function inherits the engine's environment.
func servicesEnv(services map[string]string) (env []string) {
	for _, name := range slices.Sorted(maps.Keys(services)) {
		env = append(env, "EXTERNAL_"+strings.ToUpper(name)+"_URL="+services[name])
	}
	return env
}
