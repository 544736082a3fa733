package standalone

import (
	"fmt"
	"net"
	"os"
	"time"
)

// supervisor is who started the program and wants to know how it is doing, as sd_notify(3) describes;
// nobody, if nil.
type supervisor struct{ conn net.Conn }

// callSupervisor opens the socket that the environment names, if it does.
func callSupervisor() (*supervisor, error) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil, nil
	}
	conn, err := net.Dial("unixgram", name)
	if err != nil {
		return nil, fmt.Errorf("calling the service manager at NOTIFY_SOCKET: %w", err)
	}
	return &supervisor{conn}, nil
}

// The states of a service.
const (
	stateReady     = "READY=1"
	stateReloading = "RELOADING=1"
	stateStopping  = "STOPPING=1"
)

// patience is how long a service manager may take to make room for a message.
const patience = time.Second

// tell passes on a state. Nothing depends on whether it is heard.
func (s *supervisor) tell(state string) {
	if s != nil {
		_ = s.conn.SetWriteDeadline(time.Now().Add(patience))
		_, _ = s.conn.Write([]byte(state))
	}
}
