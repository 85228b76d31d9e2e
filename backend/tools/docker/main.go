// Command docker reads Dockerfiles with BuildKit's own parser and Compose files with Docker Compose's own loader, and says
// what is wrong with them. It needs no Docker engine, and fetches no image.
//
//	docker FILE…
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	faults := 0
	for _, path := range os.Args[1:] {
		check := checkDockerfile
		if filepath.Ext(path) == ".yaml" {
			check = checkCompose
		}
		for _, fault := range check(path) {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, fault)
			faults++
		}
	}
	if faults > 0 || len(os.Args) == 1 {
		os.Exit(1)
	}
}

// checkDockerfile finds what docker build --check finds without looking at images: syntax, instructions and their flags,
// the rules of BuildKit's linter for single instructions, and stages that are copied from and are not there.
func checkDockerfile(path string) (faults []error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return []error{err}
	}
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return []error{err}
	}
	for _, warning := range parsed.Warnings {
		faults = append(faults, errors.New(warning.Short))
	}
	rules := linter.New(&linter.Config{Warn: func(rule, description, _, message string, where []parser.Range) {
		faults = append(faults, fmt.Errorf("line %d: %s: %s (%s)", where[0].Start.Line, rule, message, description))
	}})
	stages, _, err := instructions.Parse(parsed.AST, rules)
	if err != nil {
		return append(faults, err)
	}
	for n, stage := range stages {
		for _, command := range stage.Commands {
			if fault := checkCommand(command, stages[:n]); fault != nil {
				faults = append(faults, fault)
			}
		}
	}
	return faults
}

func checkCommand(command instructions.Command, before []instructions.Stage) error {
	isShell := false
	switch command := command.(type) {
	case *instructions.CopyCommand:
		if _, known := instructions.HasStage(before, command.From); command.From != "" && !known {
			return fmt.Errorf("COPY --from=%s: no stage before has that name", command.From)
		}
	case *instructions.CmdCommand:
		isShell = command.PrependShell
	case *instructions.EntrypointCommand:
		isShell = command.PrependShell
	}
	if isShell {
		return fmt.Errorf("%s is no JSON array, so it needs a shell and gets no signals", command.Name())
	}
	return nil
}

// checkCompose finds what docker compose config finds: the schema, and names that lead nowhere.
func checkCompose(path string) []error {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithWorkingDirectory(filepath.Dir(path)))
	if err != nil {
		return []error{err}
	}
	if _, err := options.LoadProject(context.Background()); err != nil {
		return []error{err}
	}
	return nil
}
