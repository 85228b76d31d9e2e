package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Redis is a Redis server.
type Redis struct {
	*Process
	Port int
}

// NewRedis makes a server that stores nothing on disk. The caller must start it.
func (f *Fleet) NewRedis(name string, options ...string) (*Redis, error) {
	program, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(f.folder, name)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	args := append([]string{
		"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no",
	}, options...)
	return &Redis{f.add(name, program, args, func() error { return dials(port) }), port}, nil
}

// URL returns the setting AIKAGI_REDIS for this server.
func (r *Redis) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d", r.Port) }
