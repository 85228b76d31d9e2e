package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// diskMB is the size of the disk that the embedded database lies on: little more than its members need.
const diskMB = 64

// fillDisk fills the disk under SQLite and frees it again. The server says 503 meanwhile, and goes on by itself.
func fillDisk(f *fleet.Fleet, rounds int) error {
	disk := filepath.Join(f.Folder(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprintf("size=%dm", diskMB)); err != nil {
		return fmt.Errorf("a small disk cannot be mounted (the check must run as root): %w", err)
	}
	defer func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }()
	file := filepath.Join(disk, "aikagi.db")
	s, err := newScene(f, store.Settings{Dialect: store.SQLite, Path: file}, fleet.Settings{Database: "sqlite:" + file})
	if err != nil {
		return err
	}
	defer s.program.Kill()
	stop := make(chan struct{})
	load := s.ledger.Load(clients, between, stop, s.program)
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
	close(stop)
	load.Wait()
	fmt.Printf("  the disk was full %d times, and asking answered 503 %d of these\n", full, refused)
	if refused != full {
		err = errors.New("an ask was not refused on a full disk, or not with 503")
	}
	return errors.Join(err, s.finish())
}

// fill writes until nothing more fits.
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

// askUntilRefused asks while what the disk still has room for is used up. 1 means that it was refused with 503.
func (s *scene) askUntilRefused() int {
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
