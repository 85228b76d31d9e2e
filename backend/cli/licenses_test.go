package cli

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestTheLicencesNameExactlyTheModulesOfTheProgram(t *testing.T) {
	code, printed := runIn(t, nil, "version", "--licenses")
	if code != exitDone {
		t.Fatalf("got %d\n%s", code, printed)
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "aikagi")
	list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"the Go standard library": true}
	for module := range strings.Lines(string(out)) {
		want[strings.TrimSpace(module)] = true
	}
	delete(want, "")
	for name := range want {
		if !strings.Contains("\n"+printed, "\n"+name+"\n") {
			t.Errorf("the licences lack %s: npm run licenses writes them anew", name)
		}
	}
	for chapter := range strings.SplitSeq(printed, "\n"+strings.Repeat("-", 78)+"\n\n") {
		names, _, _ := strings.Cut(chapter, "\n\n")
		for name := range strings.SplitSeq(names, "\n") {
			if !want[name] && !strings.HasSuffix(name, " (npm)") {
				t.Errorf("%s is in the licences but not in the program: npm run licenses writes them anew", name)
			}
		}
	}
}
