package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// machine is what figures depend on. It names nobody's computer.
type machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Memory  string `json:"memory"`
	Kernel  string `json:"kernel"`
	Go      string `json:"go"`
	MariaDB string `json:"mariadb"`
	SQLite  string `json:"sqlite"`
	Nginx   string `json:"nginx"`
}

func thisMachine() (machine, error) {
	m := machine{CPU: procValue("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Go: runtime.Version()}
	kib, _ := strconv.ParseFloat(strings.TrimSuffix(procValue("/proc/meminfo", "MemTotal"), " kB"), 64)
	m.Memory = fmt.Sprintf("%.0f GiB", kib/(1<<20))
	var name syscall.Utsname
	if err := syscall.Uname(&name); err != nil {
		return m, err
	}
	var kernel strings.Builder
	for _, char := range name.Release {
		if char != 0 {
			kernel.WriteByte(byte(char))
		}
	}
	m.Kernel = kernel.String()
	m.MariaDB = versionOf("mariadbd", "--version")
	m.Nginx = versionOf("nginx", "-v")
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return m, err
	}
	defer func() { _ = db.Close() }()
	return m, db.QueryRow("SELECT sqlite_version()").Scan(&m.SQLite)
}

// procValue is the first value of a name in a file of /proc.
func procValue(file, name string) string {
	content, _ := os.ReadFile(file)
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

var versionNumber = regexp.MustCompile(`\d+\.\d+\.\d+`)

func versionOf(program, option string) string {
	path, err := lookUp(program)
	if err != nil {
		return "missing"
	}
	said, _ := exec.Command(path, option).CombinedOutput() // nginx says it on the standard error
	return string(versionNumber.Find(bytes.TrimSpace(said)))
}

// lookUp finds a server's program also where only root's PATH looks.
func lookUp(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	path, err := exec.LookPath("/usr/sbin/" + program)
	if err != nil {
		return "", fmt.Errorf("%s is missing: npm run bench installs it", program)
	}
	return path, nil
}
