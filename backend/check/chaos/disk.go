package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// diskMB is the size of the disk with the database: little more than the members need.
const diskMB = 64

// fillDisk fills the disk of an SQLite database and frees it again. The program must answer 503 meanwhile, and recover by itself.
func fillDisk(f *fleet.Fleet, rounds int) error {
	disk := filepath.Join(f.Folder(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprintf("size=%dm", diskMB)); err != nil {
		return fmt.Errorf("mount a small disk (the check must run as root): %w", err)
	}
	defer func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }()
	s, err := newOnSQLite(f, disk)
	if err != nil {
		return err
	}
	defer s.program.Kill()
	endLoad := s.ledger.Load(clients, between, s.program)
	full, refused := 0, 0
	for range max(3, rounds/30) {
		filler, err := fill(filepath.Join(disk, "filler"))
		if err != nil {
			return err
		}
		full++
		s.mails.SetMode(sink.Mode{})
		refused += s.askUntilRefused()
		if err := os.Remove(filler); err != nil {
			return err
		}
		time.Sleep(2 * time.Second)
		s.ledger.Receive(s.mails.Take())
	}
	endLoad()
	fmt.Printf("the disk was full %d times, and an ask was answered 503 in %d of them\n", full, refused)
	if refused != full {
		err = errors.New("an ask was not refused on a full disk, or not with 503")
	}
	return errors.Join(err, s.finish())
}

// fill writes a file until the disk is full. It returns its path.
func fill(path string) (string, error) {
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	block := make([]byte, 64<<10)
	for size := len(block); size > 0; {
		if _, err := file.Write(block[:size]); err != nil {
			size /= 2
		}
	}
	return path, nil
}

// askUntilRefused asks until an ask does not fit the disk. It returns 1 when that was refused with 503, else 0.
func (s *environment) askUntilRefused() int {
	b := fleet.NewBrowser(s.program.Base, nil)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		b.Address = fleet.AnyAddress()
		got, err := b.Call("POST", "/api/recoveries", "login_id", "nobody", "mail_address", "nobody@xxx.mm-m.ne.jp")
		if err != nil {
			return 0
		}
		if got.Status == http.StatusServiceUnavailable {
			return 1
		}
	}
	return 0
}
