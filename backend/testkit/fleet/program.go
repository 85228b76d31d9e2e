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

// builtPath is the path of the program that npm run build makes.
const builtPath = "bin/aikagi"

// Settings of a program. Other settings have the defaults of production.
type Settings struct {
	Database, Redis, SMTP string
	// Key is a key in the form of AIKAGI_KEYS. All servers of one site need the same. Empty makes a new key.
	Key string
	// Files is the limit of open files. 0 means the limit of this process.
	Files int
	// More holds lines NAME=value of the environment, which override the other settings.
	More []string
}

// NewKey returns a new key in the form of AIKAGI_KEYS.
func NewKey() (string, error) { return NewNamedKey("check") }

// NewNamedKey returns a new key with this name.
func NewNamedKey(name string) (string, error) {
	key, err := recovery.GenerateKey(name)
	return key.Reveal(), err
}

// Program is a server that runs the built program.
type Program struct {
	*Process
	// Base is the URL of the public listener, and Operations that of the operations listener.
	Base, Operations string
}

// NewProgram makes a server. The caller must call Migrate and Start.
func (f *Fleet) NewProgram(name string, settings Settings) (*Program, error) {
	program, err := filepath.Abs(builtPath)
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
	p.Process = f.add(name, program, []string{"serve"}, func() error { return p.checkReady() })
	p.files = settings.Files
	p.environ = []string{
		"AIKAGI_DATABASE=" + settings.Database, "AIKAGI_SMTP=" + settings.SMTP, "AIKAGI_MAIL_FROM=support@example.jp",
		"AIKAGI_KEYS=" + settings.Key, "AIKAGI_PUBLIC_URL=https://support.example.jp",
		"AIKAGI_LISTEN=" + public, "AIKAGI_OPS_LISTEN=" + operations, "AIKAGI_LOG_LEVEL=warn",
		"AIKAGI_STOP_DELAY=0s", // no load balancer has to notice the stop
		"TMPDIR=" + f.folder,
	}
	if settings.Redis != "" {
		p.environ = append(p.environ, "AIKAGI_REDIS="+settings.Redis)
	}
	p.environ = append(p.environ, settings.More...)
	return p, nil
}

// Migrate runs the command migrate with the server's settings.
func (p *Program) Migrate() error {
	_, err := p.Run("migrate")
	return err
}

// Become makes the next start use another binary. These lines of the environment replace those with the same names.
func (p *Program) Become(binary string, environ ...string) {
	p.program = binary
	p.environ = append(p.environ, environ...) // of equal names the last one counts
}

// Environ is the environment with the server's settings, for a command that is not run with [Program.Run].
func (p *Program) Environ() []string { return p.environ }

// Run runs a command of the program with the server's settings. It returns the output.
func (p *Program) Run(args ...string) (string, error) { return p.RunAs(p.program, args...) }

// RunAs is Run with another binary.
func (p *Program) RunAs(binary string, args ...string) (string, error) {
	command := exec.Command(binary, args...)
	command.Env = p.environ
	output, err := command.CombinedOutput()
	if err != nil {
		return string(output), fmt.Errorf("aikagi %v: %w\n%s", args, err, output)
	}
	return string(output), nil
}

// checkReady returns why the server is not ready, or nil.
func (p *Program) checkReady() error {
	client := http.Client{Timeout: 2 * time.Second}
	response, err := client.Get(p.Base + "/readyz")
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("/readyz answers %d", response.StatusCode)
	}
	return errors.Join(err, response.Body.Close())
}
