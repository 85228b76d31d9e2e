// Package fleet runs real servers for checks, measurements and tests. Each server is a process of its own on free ports of the
// loopback interface. All files are in one temporary folder.
//
// A [Fleet] makes the processes: [Fleet.NewMariaDB], [Fleet.StartGalera], [Fleet.NewRedis], [Fleet.StartSentinels],
// [Fleet.StartNginx], and [Fleet.NewProgram] for the program that npm run build makes. Each embeds a [Process], which can be
// started, stopped, killed, frozen and started again. A [Gate] in front of a server cuts it off from its clients.
//
// [Enrol] fills a database with members. A [Browser] sends requests as a browser does. A [Ledger] lets many clients ask for
// recovery, and checks at the end that each accepted request got its letter.
package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Fleet holds processes and the folder with their files.
type Fleet struct {
	folder string
	mu     sync.Mutex
	all    []*Process // in the order in which they were made
}

// New makes the folder. A database server that runs as another user can pass through it.
func New() (*Fleet, error) {
	folder, err := os.MkdirTemp("", "aikagi-fleet-")
	if err != nil {
		return nil, err
	}
	return &Fleet{folder: folder}, os.Chmod(folder, 0o711)
}

// Folder returns the folder with all files of the fleet.
func (f *Fleet) Folder() string { return f.folder }

// Close kills all processes, the last one first, and removes the folder.
func (f *Fleet) Close() error {
	f.mu.Lock()
	all := f.all
	f.mu.Unlock()
	for i := len(all) - 1; i >= 0; i-- {
		all[i].Kill()
	}
	return os.RemoveAll(f.folder)
}

// add makes a process without starting it. ready reports why the process is not ready yet, or nil.
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

// find returns the path of a program. It also searches the folders that are only in the PATH of root.
func find(program string) (string, error) {
	for _, folder := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/local/sbin", "/usr/sbin", "/sbin") {
		path := filepath.Join(folder, program)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed; the npm task of this check installs it", program)
}
