package cli

import (
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestBashCompletesCommandsAndFlags(t *testing.T) {
	code, script := runIn(t, nil, "completion", "bash")
	if code != exitDone {
		t.Fatal(script)
	}
	for typed, want := range map[string]string{
		"":                         "backup breach check completion",
		"mem":                      "members",
		"members s":                "set-mail show suspend",
		"members void --":          "--all --by --config --help --reason --yes",
		"letters --st":             "--state",
		"letters --state failed r": "retry",
		"completion z":             "zsh",
		"members show abcd --c":    "--config",
	} {
		words := strings.Split("aikagi "+typed, " ")
		ask := script + "\nCOMP_WORDS=(aikagi"
		for _, word := range words[1:] {
			ask += " '" + word + "'"
		}
		ask += "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _aikagi; echo \"${COMPREPLY[*]}\""
		said, err := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-c", ask).CombinedOutput()
		if got := strings.TrimSpace(string(said)); err != nil || got != want && !(typed == "" && strings.Contains(got, want)) {
			t.Errorf("%q: got %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestTheCompletionOfEachShellKnowsEveryCommandAndFlag(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		code, script := runIn(t, nil, "completion", shell)
		if code != exitDone {
			t.Errorf("%s: got %d: %s", shell, code, script)
		}
		_ = kong.Visit(newParser(new(commands), io.Discard, io.Discard).Model, func(node kong.Visitable, next kong.Next) error {
			switch node := node.(type) {
			case *kong.Node:
				if node.Type == kong.CommandNode && !strings.Contains(script, "'"+strings.TrimPrefix(node.FullPath(), "aikagi ")+"'") {
					t.Errorf("%s does not know %s", shell, node.FullPath())
				}
			case *kong.Flag:
				if !node.Hidden && !strings.Contains(script, "--"+node.Name) {
					t.Errorf("%s does not know --%s", shell, node.Name)
				}
			}
			return next(nil)
		})
	}
	if code, printed := runIn(t, nil, "completion", "tcsh"); code != exitUsage || !strings.Contains(printed, "bash") {
		t.Errorf("tcsh: got %d: %s", code, printed)
	}
}

func TestTheVersionIsOneJSONObject(t *testing.T) {
	if code, printed := runIn(t, nil, "version", "--json"); code != exitDone || !strings.Contains(printed, `"version": "dev"`) || !strings.Contains(printed, `"go": "go1.`) {
		t.Errorf("got %d: %s", code, printed)
	}
}
