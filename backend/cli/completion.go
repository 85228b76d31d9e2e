package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script that contains all commands and flags. A completion library would run at each start of the program.
func (c completionCommand) Run(p *program) error {
	write := map[string]func(io.Writer, []completable){"bash": completeBash, "zsh": completeZsh, "fish": completeFish}[c.Shell]
	write(p.stdout, completions(newParser(new(commands), io.Discard, io.Discard).Model.Node, nil))
	return nil
}

// completable is a command with the words that may follow it.
type completable struct {
	path  string // such as "members show"; empty for aikagi itself
	words []string
	files bool // the argument is a file
}

// completions returns the node and all its commands. The path leads to the node.
func completions(node *kong.Node, path []string) []completable {
	here := completable{path: strings.Join(path, " ")}
	var below []completable
	for _, child := range node.Children {
		if child.Hidden {
			continue
		}
		here.words = append(here.words, child.Name)
		below = append(below, completions(child, append(slices.Clone(path), child.Name))...)
		if child == node.DefaultCmd { // its flags may follow this command too
			here.words = append(here.words, below[len(below)-1].words...)
		}
	}
	for _, flags := range node.AllFlags(true) {
		for _, flag := range flags {
			here.words = append(here.words, "--"+flag.Name)
		}
	}
	for _, argument := range node.Positional {
		for _, value := range argument.EnumSlice() {
			if argument.Enum != "" {
				here.words = append(here.words, value)
			}
		}
		here.files = here.files || argument.Tag.Type == "path" || argument.Tag.Type == "existingfile"
	}
	slices.Sort(here.words)
	here.words = slices.Compact(here.words)
	return append([]completable{here}, below...)
}

// quoted returns the paths of all commands except aikagi itself, each in quotation marks.
func quoted(all []completable, separator string) string {
	var paths []string
	for _, c := range all {
		if c.path != "" {
			paths = append(paths, "'"+c.path+"'")
		}
	}
	return strings.Join(paths, separator)
}

func completeBash(out io.Writer, all []completable) {
	fmt.Fprintf(out, `# Put it into ~/.local/share/bash-completion/completions/aikagi, or into a file that ~/.bashrc sources.
_aikagi() {
  local word candidate path='' words=''
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    candidate="${path:+$path }$word"
    case "$candidate" in
      %s) path="$candidate" ;;
    esac
  done
  case "$path" in
`, quoted(all, "|"))
	for _, c := range all {
		fmt.Fprintf(out, "    '%s') words='%s' ;;\n", c.path, strings.Join(c.words, " "))
	}
	fmt.Fprintln(out, `  esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _aikagi aikagi`)
}

func completeZsh(out io.Writer, all []completable) {
	fmt.Fprintf(out, `#compdef aikagi
# Name it _aikagi in a folder of $fpath.
_aikagi() {
  local word candidate at=''
  for word in "${(@)words[2,CURRENT-1]}"; do
    candidate="${at:+$at }$word"
    case "$candidate" in
      (%s) at="$candidate" ;;
    esac
  done
  case "$at" in
`, quoted(all, "|"))
	for _, c := range all {
		files := ""
		if c.files {
			files = "; _files"
		}
		fmt.Fprintf(out, "    ('%s') compadd -- %s%s ;;\n", c.path, strings.Join(c.words, " "), files)
	}
	fmt.Fprintln(out, `  esac
}
compdef _aikagi aikagi`)
}

func completeFish(out io.Writer, all []completable) {
	fmt.Fprintf(out, `# Name it aikagi.fish in ~/.config/fish/completions.
function __aikagi_at
  set -l at ''
  set -l before (commandline -opc)
  for word in $before[2..]
    set -l candidate (string trim -- "$at $word")
    if contains -- "$candidate" %s
      set at "$candidate"
    end
  end
  test "$at" = "$argv[1]"
end
`, quoted(all, " "))
	for _, c := range all {
		noFiles := "-f "
		if c.files {
			noFiles = ""
		}
		fmt.Fprintf(out, "complete -c aikagi %s-n \"__aikagi_at '%s'\" -a '%s'\n", noFiles, c.path, strings.Join(c.words, " "))
	}
}
