package cli

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// process is the program in a process of its own, to be killed.
type process struct {
	command *exec.Cmd
	base    string
}

// run starts the program with the site's settings and waits until it says that it is ready.
func (s *site) run() *process {
	s.t.Helper()
	command := exec.CommandContext(context.Background(), os.Args[0], "serve")
	command.Env = append(s.environ, actAsProgram+"=1", "AIKAGI_LOG_FORMAT=text")
	out, err := command.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	p := &process{command: command}
	s.t.Cleanup(p.kill)
	lines := bufio.NewScanner(out)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if _, after, found := strings.Cut(lines.Text(), " listen="); found {
			address, _, _ := strings.Cut(after, " ")
			p.base = "http://" + address
			go func() {
				for lines.Scan() { // keep the pipe empty
				}
			}()
			return p
		}
	}
	s.t.Fatalf("the program did not become ready:\n%s", strings.Join(said, "\n"))
	return nil
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
