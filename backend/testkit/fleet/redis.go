package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Redis is one Redis server.
type Redis struct {
	*Process
	Port int
}

// NewRedis makes a server that keeps nothing on disk; Start starts it.
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

// URL is the setting that names the server.
func (r *Redis) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d", r.Port) }

// Sentinels are a Redis with a replica, and the three sentinels that watch them.
type Sentinels struct {
	Servers []*Redis
	Watch   []*Redis
}

// StartSentinels starts a Redis, so many replicas of it, and three sentinels.
func (f *Fleet) StartSentinels(replicas int) (*Sentinels, error) {
	s := &Sentinels{}
	for i := range replicas + 1 {
		var options []string
		if i > 0 {
			options = []string{"--replicaof", "127.0.0.1 " + strconv.Itoa(s.Servers[0].Port)}
		}
		server, err := f.NewRedis(fmt.Sprintf("redis%d", i+1), options...)
		if err != nil {
			return nil, err
		}
		if err := server.Start(); err != nil {
			return nil, err
		}
		s.Servers = append(s.Servers, server)
	}
	program, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	for i := range 3 {
		port, err := FreePort()
		if err != nil {
			return nil, err
		}
		file := filepath.Join(f.folder, fmt.Sprintf("sentinel%d.conf", i+1))
		text := fmt.Sprintf("port %d\nbind 127.0.0.1\nsentinel monitor aikagi 127.0.0.1 %d 2\n"+
			"sentinel down-after-milliseconds aikagi 1000\nsentinel failover-timeout aikagi 3000\n", port, s.Servers[0].Port)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
		sentinel := &Redis{f.add(fmt.Sprintf("sentinel%d", i+1), program, []string{file, "--sentinel"}, func() error { return dials(port) }), port}
		if err := sentinel.Start(); err != nil {
			return nil, err
		}
		s.Watch = append(s.Watch, sentinel)
	}
	return s, nil
}

// URL is the setting that names the sentinels and the master that they know.
func (s *Sentinels) URL() string {
	hosts := make([]string, len(s.Watch))
	for i, sentinel := range s.Watch {
		hosts[i] = fmt.Sprintf("127.0.0.1:%d", sentinel.Port)
	}
	return "redis+sentinel://" + strings.Join(hosts, ",") + "/aikagi"
}
