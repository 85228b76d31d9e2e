package fleet

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTimeout bounds the start of a process. It usually takes a second or two, but minutes for a cluster node on a busy machine.
const startTimeout = 4 * time.Minute

// Process is a server that can be started again after it has ended. Its files stay in the folder.
type Process struct {
	Name string

	program string
	args    []string
	environ []string // nil for that of this process
	files   int      // the limit of open files; 0 for that of this process
	ready   func() error
	log     string // a path

	mu      sync.Mutex
	command *exec.Cmd
	ended   chan struct{}
}

// Start starts the process and waits until it is ready.
func (p *Process) Start() error {
	if err := p.Launch(); err != nil {
		return err
	}
	return p.AwaitReady()
}

// Launch starts the process without waiting until it is ready.
func (p *Process) Launch() error {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	command := exec.Command(p.program, p.args...)
	if p.files > 0 { // prlimit sets the limit, then executes the program
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

// AwaitReady waits until the process is ready. If the process ends, the error holds the end of its log.
func (p *Process) AwaitReady() error {
	deadline := time.Now().Add(startTimeout)
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

// Runs reports whether the process has been started and has not ended.
func (p *Process) Runs() bool {
	_, ended := p.current()
	select {
	case <-ended:
		return false
	default:
		return true
	}
}

// Kill sends SIGKILL and waits until the process has ended.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	_, ended := p.current()
	<-ended
}

// Stop sends SIGTERM and returns how long the process took to end. It kills a process that does not end in time.
func (p *Process) Stop(within time.Duration) (time.Duration, error) {
	begun := time.Now()
	p.Signal(syscall.SIGTERM)
	_, ended := p.current()
	select {
	case <-ended:
		return time.Since(begun), nil
	case <-time.After(within):
		p.Kill()
		return within, fmt.Errorf("%s did not end within %s of SIGTERM", p.Name, within)
	}
}

// Signal sends a signal, such as SIGSTOP to freeze the process and SIGCONT to continue it.
func (p *Process) Signal(signal syscall.Signal) {
	if command, _ := p.current(); command != nil {
		_ = command.Process.Signal(signal) // the process may have ended
	}
}

// ID returns the process id, or 0 if the process was never started.
func (p *Process) ID() int {
	command, _ := p.current()
	if command == nil {
		return 0
	}
	return command.Process.Pid
}

// Log returns everything that the process has written to stdout and stderr, since its first start.
func (p *Process) Log() string {
	text, _ := os.ReadFile(p.log)
	return string(text)
}

// Tail returns the last lines of the log, for error texts.
func (p *Process) Tail() string {
	lines := strings.Split(strings.TrimSpace(p.Log()), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// MemoryMB returns the resident memory of the process now and at its highest (VmRSS, VmHWM), in MiB.
func (p *Process) MemoryMB() (now, most float64) { return MemoryMB(p.ID()) }

// MemoryMB returns the resident memory of a process now and at its highest (VmRSS, VmHWM), in MiB.
func MemoryMB(id int) (now, most float64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
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

// current returns the command of the last start, and a channel that is closed when it has ended.
func (p *Process) current() (*exec.Cmd, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		p.ended = make(chan struct{})
		close(p.ended)
	}
	return p.command, p.ended
}
