package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

const (
	importedMembers = 1_000_000
	// rowsAtOnce is how many rows one bare INSERT writes.
	rowsAtOnce = 1000
	// memoryEvery is how often the command's highest memory is read.
	memoryEvery = 20 * time.Millisecond
)

// measureImport imports a file of members once, beside bare INSERTs of the same rows, and reads the command's memory.
func measureImport(b *bench, on string) (o outcome, err error) {
	file := filepath.Join(b.Folder(), "members.csv")
	if err := writeMembers(file); err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	var memory []float64
	imports := &way{name: "import", round: func() (float64, error) {
		s, err := b.prepare(on, 0)
		if err != nil {
			return 0, err
		}
		took, most, err := s.importFile(file)
		memory = append(memory, most)
		return took.Seconds(), errors.Join(err, s.stop())
	}}
	bare := &way{name: fmt.Sprintf("bare INSERTs of %s rows each", digits(rowsAtOnce)), round: func() (float64, error) {
		s, err := b.prepare(on, 0)
		if err != nil {
			return 0, err
		}
		begun := time.Now()
		err = insertMembers(s.where)
		return time.Since(begun).Seconds(), errors.Join(err, s.stop())
	}}
	if err := takeTurns(1, imports, bare); err != nil {
		return o, err
	}
	o.Rows = []row{
		compare("import of "+digits(importedMembers)+" members", "s", imports, bare, atMost(30)),
		{Name: "memory of the import at most", Unit: "MiB", Own: summarise(memory), Goal: atMost(64)},
	}
	o.Rows[0].Generator = 0
	return o, nil
}

// importFile runs the command to its end and returns its time and the most memory that it held, in MiB.
func (s *server) importFile(file string) (took time.Duration, most float64, err error) {
	command := exec.Command(program, "members", "import", "--by", "bench", file)
	command.Env = s.Environ()
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	begun := time.Now()
	if err := command.Start(); err != nil {
		return 0, 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	// getrusage is not used: it reports at least the memory that this process had when it started the command.
	ticker := time.NewTicker(memoryEvery)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				err = fmt.Errorf("members import: %w\n%s", err, said.Bytes())
			}
			return time.Since(begun), most, err
		case <-ticker.C:
			_, sofar := fleet.MemoryMB(command.Process.Pid)
			most = max(most, sofar)
		}
	}
}

// importedHash is of the form of a usable hash, and of no password.
const importedHash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g"

func writeMembers(file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	to := bufio.NewWriter(out)
	fmt.Fprintln(to, "login_id,basic_mail_address,password_hash,status")
	for n := range importedMembers {
		fmt.Fprintf(to, "%s,%s,\"%s\",active\n", fleet.LoginID(n), fleet.MailAddress(n), importedHash)
	}
	return errors.Join(to.Flush(), out.Close())
}

// insertMembers writes the same members in one transaction for each statement.
func insertMembers(where store.Settings) error {
	raw, err := openRawWriter(where)
	if err != nil {
		return err
	}
	defer func() { _ = raw.close() }()
	columns := "(?, ?, 'active', ?, 1, ?)"
	insert, err := raw.db.Prepare("INSERT INTO members (login_id, basic_mail_address, status, password_hash, password_version, created_at) VALUES " +
		strings.Repeat(columns+", ", rowsAtOnce-1) + columns)
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	return insertRows(insert)
}

func insertRows(insert *sql.Stmt) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	for first := 0; first < importedMembers; first += rowsAtOnce {
		values := make([]any, 0, 4*rowsAtOnce)
		for n := first; n < first+rowsAtOnce; n++ {
			values = append(values, fleet.LoginID(n), fleet.MailAddress(n), importedHash, now)
		}
		if _, err := insert.Exec(values...); err != nil {
			return err
		}
	}
	return nil
}
