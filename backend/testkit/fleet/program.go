package fleet

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"aikagi/backend/recovery"
)

// built is the program that npm run build leaves.
const built = "bin/aikagi"

// Settings of a program. What is not set here has the default of production.
type Settings struct {
	Database, Redis, SMTP string
	// Key is the line of a key that all servers of one site share; empty makes a new one.
	Key string
	// Files is how many files the program may have open at a time; 0 is as many as we may.
	Files int
	// More are whole lines NAME=value of the environment, which win.
	More []string
}

// NewKey makes the line of a new key.
func NewKey() (string, error) { return NewNamedKey("check") }

// NewNamedKey makes the line of a new key of this name.
func NewNamedKey(name string) (string, error) {
	key, err := recovery.GenerateKey(name)
	return key.Reveal(), err
}

// Program is one server of the built program.
type Program struct {
	*Process
	// Base is the public listener's address, Operations the other one's.
	Base, Operations string
}

// NewProgram makes a server; Migrate prepares its database, Start starts it.
func (f *Fleet) NewProgram(name string, settings Settings) (*Program, error) {
	program, err := filepath.Abs(built)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("%w; npm run build makes it", err)
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	if settings.Key == "" {
		if settings.Key, err = NewKey(); err != nil {
			return nil, err
		}
	}
	public, operations := fmt.Sprintf("127.0.0.1:%d", ports[0]), fmt.Sprintf("127.0.0.1:%d", ports[1])
	p := &Program{Base: "http://" + public, Operations: "http://" + operations}
	p.Process = f.add(name, program, []string{"serve"}, func() error { return p.answers("/readyz") })
	p.files = settings.Files
	p.environ = []string{
		"AIKAGI_DATABASE=" + settings.Database, "AIKAGI_SMTP=" + settings.SMTP, "AIKAGI_MAIL_FROM=support@example.jp",
		"AIKAGI_KEYS=" + settings.Key, "AIKAGI_PUBLIC_URL=https://support.example.jp",
		"AIKAGI_LISTEN=" + public, "AIKAGI_OPS_LISTEN=" + operations, "AIKAGI_LOG_LEVEL=warn",
		"AIKAGI_STOP_DELAY=0s", // there is no load balancer that has to notice
		"TMPDIR=" + f.folder,
	}
	if settings.Redis != "" {
		p.environ = append(p.environ, "AIKAGI_REDIS="+settings.Redis)
	}
	p.environ = append(p.environ, settings.More...)
	return p, nil
}

// Migrate runs aikagi migrate with the server's settings.
func (p *Program) Migrate() error {
	_, err := p.Run("migrate")
	return err
}

// Become lets the next start be one of another binary, with these lines of the environment in place of the former ones.
func (p *Program) Become(binary string, environ ...string) {
	p.program = binary
	p.environ = append(p.environ, environ...) // the last of a name wins
}

// Run runs another command of the program, with the server's settings, and gives what it said.
func (p *Program) Run(args ...string) (string, error) { return p.RunAs(p.program, args...) }

// RunAs is Run with another binary.
func (p *Program) RunAs(binary string, args ...string) (string, error) {
	command := exec.Command(binary, args...)
	command.Env = p.environ
	said, err := command.CombinedOutput()
	if err != nil {
		return string(said), fmt.Errorf("aikagi %v: %w\n%s", args, err, said)
	}
	return string(said), nil
}

func (p *Program) answers(path string) error {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get(p.Base + path)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %d", path, answer.StatusCode)
	}
	return errors.Join(err, answer.Body.Close())
}
