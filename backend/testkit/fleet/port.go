package fleet

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// portsTried is the number of ports that [FreePort] has tried.
var portsTried atomic.Int32

// FreePort returns a port of the loopback interface on which nobody listens, for a server that cannot choose one itself. The
// kernel assigns only higher ports, and FreePort returns each port once. So only a program that is told to use this port
// can take it before the server does.
func FreePort() (int, error) {
	for {
		port := 11_000 + os.Getpid()%9000 + int(portsTried.Add(1))
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return 0, err
		}
		return port, listener.Close()
	}
}

func freePorts(count int) ([]int, error) {
	ports := make([]int, count)
	for i := range ports {
		var err error
		if ports[i], err = FreePort(); err != nil {
			return nil, err
		}
	}
	return ports, nil
}

// dials returns an error if nobody listens on this port of the loopback interface.
func dials(port int) error {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return errors.Join(conn.Close())
}
