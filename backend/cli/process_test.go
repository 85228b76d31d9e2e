package cli

import (
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// process is the program in a process that the test can kill.
type process struct {
	command          *exec.Cmd
	base, operations string
	log              *lockedBuffer
}

var saysReady = regexp.MustCompile(` listen=(\S+) ops_listen=(\S+)`)

// run starts the program with the site's settings and changed ones, and waits until the log says that it is ready.
func (s *site) run(environ ...string) *process {
	s.t.Helper()
	log := new(lockedBuffer)
	p := s.launch(log, environ...)
	p.log = log
	eventually(s.t, "the program", func() bool { return p.readsReady(log.String()) })
	return p
}

// launch starts the program and does not wait.
func (s *site) launch(stderr io.Writer, environ ...string) *process {
	s.t.Helper()
	p := &process{command: exec.CommandContext(context.Background(), os.Args[0], "serve")}
	p.command.Env = append(slices.Concat(s.environ, environ), actAsProgram+"=1", "AIKAGI_LOG_FORMAT=text")
	p.command.Stderr = stderr
	if err := p.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.kill)
	return p
}

// readsReady reads the addresses from the line in the log that says that the program is ready, if there is one.
func (p *process) readsReady(log string) bool {
	found := saysReady.FindStringSubmatch(log)
	if found != nil {
		p.base, p.operations = "http://"+found[1], "http://"+found[2]
	}
	return found != nil
}

// kill ends the program with SIGKILL.
func (p *process) kill() {
	if p.command.ProcessState == nil {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
	}
}

// signal sends the process a signal.
func (p *process) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// says waits until the log contains the words.
func (p *process) says(t *testing.T, words string) {
	t.Helper()
	eventually(t, words+" in the log", func() bool { return strings.Contains(p.log.String(), words) })
}

// end waits until the process ends and returns its status.
func (p *process) end(t *testing.T) syscall.WaitStatus {
	t.Helper()
	_ = p.command.Wait()
	status, is := p.command.ProcessState.Sys().(syscall.WaitStatus)
	if !is {
		t.Fatal("the process has no status")
	}
	return status
}
