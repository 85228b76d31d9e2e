package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"aikagi/backend/testkit"
)

// startLogging starts the program with the site's settings as a process that logs JSON.
func (s *site) startLogging() (*exec.Cmd, *lockedBuffer) {
	s.t.Helper()
	command, log := exec.CommandContext(s.t.Context(), os.Args[0], "serve"), new(lockedBuffer)
	command.Env = append(slices.Clone(s.environ), actAsProgram+"=1", "AIKAGI_STOP_DELAY=0")
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	return command, log
}

// logLines returns the lines of a log by their message. Each line must be JSON, and each message must occur once.
func logLines(t *testing.T, log string) map[string]map[string]any {
	t.Helper()
	byMessage := make(map[string]map[string]any)
	for text := range strings.Lines(log) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Errorf("%v in %q", err, text)
			continue
		}
		message, _ := line["msg"].(string)
		if byMessage[message] != nil {
			t.Errorf("two lines say %q:\n%s", message, log)
		}
		byMessage[message] = line
	}
	return byMessage
}

func TestTheLogTellsTheStartTheEndAndWhatHappenedBetween(t *testing.T) {
	t.Parallel()
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	command, log := s.startLogging()
	eventually(t, "the program", func() bool { return strings.Contains(log.String(), `"msg":"ready"`) })
	listen, _ := logLines(t, log.String())["ready"]["listen"].(string)
	s.base = "http://" + listen
	s.browser().ask(taro, taroAddress)
	letter := s.letters(1)[0]
	eventually(t, "the letter in the log", func() bool { return strings.Contains(log.String(), "letter accepted") })
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, log)
	}
	told := logLines(t, log.String())
	for _, message := range []string{"starting", "ready", "stopping", "stopped"} {
		if told[message] == nil {
			t.Errorf("no line says %q:\n%s", message, log)
		}
	}
	for _, name := range []string{"listen", "ops_listen"} {
		if address, _ := told["ready"][name].(string); !strings.HasPrefix(address, "127.0.0.1:") {
			t.Errorf("%s: got %v, want an address as text", name, told["ready"][name])
		}
	}
	if id, _ := told["letter accepted"]["message_id"].(string); id == "" || !strings.Contains(letter.Raw, "Message-ID: <"+id+">\r\n") {
		t.Errorf("got %v, want the Message-ID of\n%s", told["letter accepted"], letter.Raw)
	}
}

func TestTheCauseOfAFailedStartIsOneLineInTheFormatOfTheLog(t *testing.T) {
	s := newSite(t, testkit.SQLite(t)) // it runs and so has the lock of the file
	command, log := s.startLogging()
	_ = command.Wait()
	if code := command.ProcessState.ExitCode(); code != exitFailed {
		t.Errorf("ended with %d, want %d", code, exitFailed)
	}
	told := logLines(t, log.String())
	if line := told["the server did not start"]; line == nil || line["level"] != "ERROR" || !strings.Contains(line["error"].(string), "AIKAGI_DATABASE") || len(told) != 2 {
		t.Errorf("got\n%s", log)
	}
}

func TestEachMistakeInTheSettingsIsOneLineInTheFormatOfTheLog(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		command, log := exec.CommandContext(t.Context(), os.Args[0], "serve"), new(lockedBuffer)
		command.Env = []string{actAsProgram + "=1", "AIKAGI_LOG_FORMAT=" + format, "AIKAGI_LISTEN=nowhere", "AIKAGI_DATABASE=sqlite:/tmp/x", "AIKAGI_KEYS=a:geheim"}
		command.Stdout, command.Stderr = log, log
		_ = command.Run()
		if code := command.ProcessState.ExitCode(); code != exitUsage {
			t.Errorf("%s: ended with %d, want %d", format, code, exitUsage)
		}
		told := make(map[string]bool)
		for text := range strings.Lines(log.String()) {
			var line struct{ Level, Setting, Wrong, Right string }
			if format == "text" {
				_, rest, _ := strings.Cut(text, " level=ERROR msg=\"a setting is wrong; the server does not start\" setting=")
				line.Level, line.Wrong, line.Right = "ERROR", "in it", "in it"
				line.Setting, _, _ = strings.Cut(rest, " ")
			} else if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Errorf("%v in %q", err, text)
			}
			if line.Level != "ERROR" || line.Wrong == "" || line.Right == "" || told[line.Setting] {
				t.Errorf("%s: got %q", format, text)
			}
			told[line.Setting] = true
		}
		for _, setting := range []string{"AIKAGI_LISTEN", "AIKAGI_KEYS", "AIKAGI_PUBLIC_URL", "AIKAGI_SMTP", "AIKAGI_MAIL_FROM"} {
			if !told[setting] {
				t.Errorf("%s: no line names %s:\n%s", format, setting, log)
			}
		}
		if strings.Contains(log.String(), "geheim") {
			t.Errorf("%s: a value is told:\n%s", format, log)
		}
	}
}
