// Package fleet runs the real parts for the checks and measurements: MariaDB, Galera, Redis, Sentinel and the program
// itself, each a process of its own on free ports of the loopback, in one temporary folder. All of them can be killed,
// stopped, frozen and started again; nothing else on the machine is touched.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// startPatience is how long a process may take to be ready: a second or two are usual, minutes for a cluster node that
// catches up on a busy machine.
const startPatience = 4 * time.Minute

// Fleet is a folder and the processes that live in it.
type Fleet struct {
	folder string
	mu     sync.Mutex
	all    []*Process
}

// New makes the folder, through which a database server that becomes another user may pass.
func New() (*Fleet, error) {
	folder, err := os.MkdirTemp("", "aikagi-fleet-")
	if err != nil {
		return nil, err
	}
	return &Fleet{folder: folder}, os.Chmod(folder, 0o711)
}

// Folder is where the fleet keeps everything.
func (f *Fleet) Folder() string { return f.folder }

// Close kills every process, the last started first, and removes the folder.
func (f *Fleet) Close() error {
	f.mu.Lock()
	all := f.all
	f.mu.Unlock()
	for i := len(all) - 1; i >= 0; i-- {
		all[i].Kill()
	}
	return os.RemoveAll(f.folder)
}

// add makes a process that is not started yet.
func (f *Fleet) add(name, program string, args []string, ready func() error) *Process {
	p := &Process{
		Name: name, program: program, args: args, ready: ready,
		log: filepath.Join(f.folder, name+".log"),
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, p)
	return p
}

// Process is one server that can be ended and started again, with what it wrote to its folder still there.
type Process struct {
	Name string

	program string
	args    []string
	environ []string // nil: ours
	files   int      // that it may have open; 0: as many as we may
	ready   func() error
	log     string

	mu      sync.Mutex
	command *exec.Cmd
	ended   chan struct{}
}

// Start starts the process and waits until it answers.
func (p *Process) Start() error {
	if err := p.Launch(); err != nil {
		return err
	}
	return p.AwaitReady()
}

// Launch starts the process and waits for nothing.
func (p *Process) Launch() error {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	command := exec.Command(p.program, p.args...)
	if p.files > 0 { // prlimit becomes the program
		command = exec.Command("prlimit", append([]string{fmt.Sprintf("--nofile=%d", p.files), p.program}, p.args...)...)
	}
	command.Env, command.Stdout, command.Stderr = p.environ, out, out
	if err := command.Start(); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.command, p.ended = command, ended
	return nil
}

// AwaitReady waits until the process answers, or tells how it ended.
func (p *Process) AwaitReady() error {
	deadline := time.Now().Add(startPatience)
	for {
		err := p.ready()
		if err == nil {
			return nil
		}
		if !p.Runs() {
			return fmt.Errorf("%s ended before it was ready:\n%s", p.Name, p.Tail())
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready: %w\n%s", p.Name, err, p.Tail())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Runs says whether the process has not ended.
func (p *Process) Runs() bool {
	_, ended := p.present()
	select {
	case <-ended:
		return false
	default:
		return true
	}
}

// Kill ends the process at once: no handler of it runs.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	_, ended := p.present()
	<-ended
}

// Stop asks the process to end (SIGTERM) and says how long that took. One that does not end in time is killed.
func (p *Process) Stop(within time.Duration) (time.Duration, error) {
	begun := time.Now()
	p.Signal(syscall.SIGTERM)
	_, ended := p.present()
	select {
	case <-ended:
		return time.Since(begun), nil
	case <-time.After(within):
		p.Kill()
		return within, fmt.Errorf("%s did not end within %s of SIGTERM", p.Name, within)
	}
}

// Signal sends a signal to a process that runs: SIGSTOP freezes it, SIGCONT lets it go on.
func (p *Process) Signal(signal syscall.Signal) {
	if command, _ := p.present(); command != nil {
		_ = command.Process.Signal(signal) // one that has ended needs none
	}
}

// ID is the process id, or 0 when it was never started.
func (p *Process) ID() int {
	command, _ := p.present()
	if command == nil {
		return 0
	}
	return command.Process.Pid
}

// Log is everything that the process wrote to its outputs, over all its lives.
func (p *Process) Log() string {
	text, _ := os.ReadFile(p.log)
	return string(text)
}

// Tail is the end of the log, for who asks why.
func (p *Process) Tail() string {
	lines := strings.Split(strings.TrimSpace(p.Log()), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// MemoryMB is what the process holds now and held at most (VmRSS, VmHWM), in MiB.
func (p *Process) MemoryMB() (now, most float64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.ID()))
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		if len(fields) == 0 {
			continue
		}
		kib, _ := strconv.ParseFloat(fields[0], 64)
		switch name {
		case "VmRSS":
			now = kib / 1024
		case "VmHWM":
			most = kib / 1024
		}
	}
	return now, most
}

func (p *Process) present() (*exec.Cmd, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		p.ended = make(chan struct{})
		close(p.ended)
	}
	return p.command, p.ended
}

// portsTried is how many ports [FreePort] has tried.
var portsTried atomic.Int32

// FreePort gives a port of the loopback that nobody listens on now, for a server that cannot choose one itself. It is below
// the ports that the kernel assigns, and this process gets it once: only a program that asks for this very port can take
// it before the server does.
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

// find looks for a server's program also where only root's PATH looks.
func find(program string) (string, error) {
	for _, folder := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/local/sbin", "/usr/sbin", "/sbin") {
		path := filepath.Join(folder, program)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is missing: the npm task of this check installs it", program)
}

// dials says whether somebody listens on a port of the loopback.
func dials(port int) error {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return errors.Join(conn.Close())
}
