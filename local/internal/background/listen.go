package background

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// maxPorts is how many ports Listen tries, including the given port.
const maxPorts = 100

// Listen listens on addr, or on the next free port when the port of addr is taken.
func Listen(addr string) (net.Listener, error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q is not host:port: %w", addr, err)
	}
	port, err := strconv.Atoi(service)
	if err != nil {
		return nil, fmt.Errorf("address %q: the port is not a number", addr)
	}
	for next := port; next < port+maxPorts; next++ {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(next)))
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return listener, err
		}
	}
	return nil, fmt.Errorf("address %s: this port and the %d after it are taken", addr, maxPorts-1)
}
