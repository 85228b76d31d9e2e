package backend_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"aikagi/backend/config"
)

const unitFile = "deploy/systemd/aikagi.service"

func readUnit(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The rating is systemd's own: from 0, which is safest, to 10.
func TestTheServicesExposureIsAtMostTwo(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--no-pager", unitFile).CombinedOutput()
	if err != nil {
		t.Fatalf("systemd-analyze: %v\n%s", err, out)
	}
	found := regexp.MustCompile(`Overall exposure level for aikagi.service: ([0-9.]+)`).FindSubmatch(out)
	if found == nil {
		t.Fatalf("systemd-analyze gave no rating:\n%s", out)
	}
	if level, err := strconv.ParseFloat(string(found[1]), 64); err != nil || level > 2.0 {
		t.Errorf("got an exposure of %s, want 2.0 at most\n%s", found[1], out)
	}
}

// The programs that the unit names need not be on this machine, so they are replaced.
func TestSystemdTakesTheServiceWithoutComplaint(t *testing.T) {
	unit := strings.NewReplacer("/usr/local/bin/aikagi serve", "/bin/true serve").Replace(readUnit(t))
	path := filepath.Join(t.TempDir(), "aikagi.service")
	if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", path).CombinedOutput()
	complaints := regexp.MustCompile(`(?m)^.*aikagi\.service.*$`).FindAllString(string(out), -1)
	if err != nil || len(complaints) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

func TestTheServiceGetsEachSecretAsACredentialAndCommandsReadTheSameFiles(t *testing.T) {
	unit := readUnit(t)
	commands, err := os.ReadFile("deploy/systemd/commands.env")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string) // by credential
	for _, credential := range regexp.MustCompile(`(?m)^LoadCredential=(\w+):(\S+)$`).FindAllStringSubmatch(unit, -1) {
		files[credential[1]] = credential[2]
	}
	reference, want := config.Reference(), "AIKAGI_CONFIG=/etc/aikagi/aikagi.toml\n"
	for _, setting := range regexp.MustCompile(`(?m)^Environment=(AIKAGI_\w+)_FILE=%d/(\w+)$`).FindAllStringSubmatch(unit, -1) {
		if !strings.Contains(reference, "\n  "+setting[1]+"\n") {
			t.Errorf("%s is no setting without a default", setting[1])
		}
		want += setting[1] + "_FILE=" + files[setting[2]] + "\n"
		delete(files, setting[2])
	}
	if len(files) > 0 {
		t.Errorf("no setting reads the credentials %v", files)
	}
	if got := string(commands); got != want {
		t.Errorf("got commands.env\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(unit, "\nEnvironment=AIKAGI_CONFIG=/etc/aikagi/aikagi.toml\n") || !strings.Contains(unit, "\nExecReload=/bin/kill -HUP $MAINPID\n") {
		t.Error("the unit does not read the settings file, or does not reload it")
	}
}
