package backend_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"aikagi/backend/config"
)

// runbook gives the headings of one part of the runbook, with what follows each.
func runbook(t *testing.T, part string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "\n## "+part+"\n")
	if !found {
		t.Fatalf("the runbook has no part %q", part)
	}
	after, _, _ = strings.Cut(after, "\n## ")
	sections := make(map[string]string)
	for _, section := range strings.Split(after, "\n### ")[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		heading = strings.Trim(heading, "`")
		if _, twice := sections[heading]; twice {
			t.Errorf("the runbook has %s twice", heading)
		}
		sections[heading] = body
	}
	return sections
}

// wantSections compares the headings with what there is, and sees that each section answers its three questions.
func wantSections(t *testing.T, got map[string]string, want []string) {
	t.Helper()
	for _, name := range want {
		body, found := got[name]
		if !found {
			t.Errorf("the runbook has no heading for %s", name)
			continue
		}
		for _, question := range []string{"\n- **Means** ", "\n- **Members see** ", "\n- **Do** "} {
			if !strings.Contains(body, question) {
				t.Errorf("what the runbook tells of %s lacks %q", name, strings.TrimSpace(question))
			}
		}
	}
	for name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("the runbook has a heading for %s, which is nowhere", name)
		}
	}
}

func TestTheRunbookTellsOfEachProblemCode(t *testing.T) {
	text, err := os.ReadFile("web/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var contract struct {
		Components struct {
			Schemas struct {
				Problem struct {
					Properties struct {
						Code struct{ Enum []string }
					}
				} `yaml:"Problem"`
			}
		}
	}
	if err := yaml.Unmarshal(text, &contract); err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("web/problem.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := contract.Components.Schemas.Problem.Properties.Code.Enum
	for _, constant := range regexp.MustCompile(`(?m)^\tcode\w+ += "(\w+)"$`).FindAllSubmatch(code, -1) {
		if !slices.Contains(codes, string(constant[1])) {
			codes = append(codes, string(constant[1]))
		}
	}
	if len(codes) < 20 {
		t.Fatalf("found %d codes: the test looks in the wrong place", len(codes))
	}
	wantSections(t, runbook(t, "Problem codes"), codes)
}

// Docker takes each line as it is, with quotation marks; systemd and a shell take them away. A comment after a value is a
// part of it for both Docker and systemd.
func TestTheSettingsInTheReadmeWorkAsAnEnvironmentFileAndInAShell(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "```\nAIKAGI_")
	if !found {
		t.Fatal("the README has no block of settings")
	}
	block, _, _ = strings.Cut("AIKAGI_"+block, "```")
	plain := regexp.MustCompile("^(AIKAGI_[A-Z_0-9]+)=[^\\s\"'$`\\\\<>|&;()*?~!]+$")
	reference := config.Reference()
	for line := range strings.Lines(block) {
		setting := plain.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if setting == nil {
			t.Errorf("not everything that reads environment files takes %q as it is meant", line)
			continue
		}
		if !strings.Contains(reference, "\n  "+strings.TrimSuffix(setting[1], "_FILE")) {
			t.Errorf("%s is no setting", setting[1])
		}
	}
}
