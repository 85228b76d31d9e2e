package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Sentinels is a Redis with replicas, and the three Sentinels that watch them.
type Sentinels struct {
	Servers []*Redis // the first is the master at the start
	Watch   []*Redis
}

// StartSentinels starts a Redis, this number of replicas, and three Sentinels.
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

// URL returns the setting AIKAGI_REDIS for the Sentinels and their master.
func (s *Sentinels) URL() string {
	hosts := make([]string, len(s.Watch))
	for i, sentinel := range s.Watch {
		hosts[i] = fmt.Sprintf("127.0.0.1:%d", sentinel.Port)
	}
	return "redis+sentinel://" + strings.Join(hosts, ",") + "/aikagi"
}
