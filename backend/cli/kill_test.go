package cli

import (
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// process is the program in a process of its own, to be killed.
type process struct {
	command          *exec.Cmd
	base, operations string
	log              *lockedBuffer
}

var saysReady = regexp.MustCompile(` listen=(\S+) ops_listen=(\S+)`)

// run starts the program with the site's settings, and some changed, and waits until it says that it is ready.
func (s *site) run(environ ...string) *process {
	s.t.Helper()
	log := new(lockedBuffer)
	p := s.launch(log, environ...)
	p.log = log
	eventually(s.t, "the program", func() bool { return p.readsReady(log.String()) })
	return p
}

// launch starts the program and waits for nothing.
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

// readsReady takes the addresses from what the program says when it is ready.
func (p *process) readsReady(log string) bool {
	found := saysReady.FindStringSubmatch(log)
	if found != nil {
		p.base, p.operations = "http://"+found[1], "http://"+found[2]
	}
	return found != nil
}

// kill ends the program at once: no handler of it runs.
func (p *process) kill() {
	if p.command.ProcessState == nil {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
	}
}

// PocketBase lost 10 of 10 letters, Kratos 6 of 30, to a kill.
func TestAnAskThatWasAcceptedIsAnsweredByALetterThoughTheServerIsKilledAtOnce(t *testing.T) {
	run := func(t *testing.T, where store.Settings) {
		s := newSite(t, where)
		s.stop()
		first := s.run()
		s.base = first.base
		path := s.browser().ask(taro, taroAddress)
		first.kill()

		s.base = s.run().base
		secret := temporaryPassword(t, s.letters(1)[0])
		s.browser().want(200, "POST", path+"/redemption", "temporary_password", secret)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, testkit.SQLite(t)) })
	t.Run("mariadb", func(t *testing.T) { run(t, testkit.MySQL(t)) })
}
