package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"aikagi/backend/testkit/fleet"
)

// nginx serves finished bytes with as many workers as there are processors.
type nginx struct {
	command *exec.Cmd
	base    string
}

// location is one address that nginx serves.
type location struct {
	path, contentType string
	body              []byte
	headers           [][2]string
	keepsOpen         bool // the file, between two requests
}

func startNginx(folder string, locations ...location) (*nginx, error) {
	program, err := lookUp("nginx")
	if err != nil {
		return nil, err
	}
	port, err := fleet.FreePort()
	if err != nil {
		return nil, err
	}
	folder = filepath.Join(folder, "nginx")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	settings := "daemon off;\nworker_processes auto;\npid pid;\nerror_log stderr error;\nevents { worker_connections 1024; }\nhttp {\n" +
		"access_log off;\nsendfile on;\ntcp_nopush on;\nkeepalive_requests 1000000000;\n"
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		settings += name + "_temp_path " + filepath.Join(folder, name) + ";\n"
	}
	settings += fmt.Sprintf("server { listen 127.0.0.1:%d;\n", port)
	for i, l := range locations {
		file := filepath.Join(folder, fmt.Sprintf("file%d", i))
		if err := os.WriteFile(file, l.body, 0o644); err != nil {
			return nil, err
		}
		settings += fmt.Sprintf("location = %s { alias %s; default_type %q; types {}\n", l.path, file, l.contentType)
		if l.keepsOpen {
			settings += "open_file_cache max=16;\n"
		}
		for _, header := range l.headers {
			settings += fmt.Sprintf("add_header %s \"%s\";\n", header[0], strings.ReplaceAll(header[1], `"`, `\"`))
		}
		settings += "}\n"
	}
	if err := os.WriteFile(filepath.Join(folder, "settings"), []byte(settings+"}\n}\n"), 0o600); err != nil {
		return nil, err
	}
	n := &nginx{exec.Command(program, "-p", folder, "-c", "settings", "-e", "stderr"), fmt.Sprintf("http://127.0.0.1:%d", port)}
	n.command.Stderr = os.Stderr
	if err := n.command.Start(); err != nil {
		return nil, err
	}
	return n, awaitListener(fmt.Sprintf("127.0.0.1:%d", port))
}

// stop ends the workers too, which a killed master would leave behind.
func (n *nginx) stop() error {
	err := n.command.Process.Signal(syscall.SIGTERM)
	return errors.Join(err, n.command.Wait())
}

// processes are those of the master and of the workers.
func (n *nginx) processes() []int {
	id := n.command.Process.Pid
	return append(childrenOf(id), id)
}

// awaitListener waits until somebody listens at an address.
func awaitListener(address string) error {
	for deadline := time.Now().Add(callPatience); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}
