package background

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// portsTried is how many ports Listen tries, the one it is given included.
const portsTried = 100

// Listen listens on addr, or on the next free port when that one is taken.
func Listen(addr string) (net.Listener, error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q is not host:port: %w", addr, err)
	}
	port, err := strconv.Atoi(service)
	if err != nil {
		return nil, fmt.Errorf("address %q: the port is not a number", addr)
	}
	for next := port; next < port+portsTried; next++ {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(next)))
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return listener, err
		}
	}
	return nil, fmt.Errorf("address %s: this port and the %d after it are taken", addr, portsTried-1)
}
