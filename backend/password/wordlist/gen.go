//go:build ignore

// Gen writes words.txt from lists of frequent words. Each argument is PATH or PATH:N, a file of which the
// first N usable words are taken (all without N): a JSON list of strings, or text whose first word on each
// line counts, # begins a comment. NOTICE.md says which files were given.
//
// A word is usable when, in lower case and without digits and symbols at its ends, 4 to 20 of the letters a
// to z are left: so it is found under every variation that the package undoes. The rest cannot matter.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

const (
	minWord  = 4
	maxWord  = 20
	maxBytes = 200 << 10
)

func main() {
	out := flag.String("out", "words.txt", "file to write")
	flag.Parse()
	if err := generate(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(out string, sources []string) error {
	chosen := map[string]bool{}
	for _, source := range sources {
		path, limit := source, 1<<30
		if before, after, found := strings.Cut(source, ":"); found {
			n, err := strconv.Atoi(after)
			if err != nil {
				return fmt.Errorf("%s: %w", source, err)
			}
			path, limit = before, n
		}
		list, err := read(path)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		for _, word := range list {
			if word = usable(word); word != "" && limit > 0 {
				chosen[word] = true
				limit--
			}
		}
	}
	text := strings.Join(slices.Sorted(maps.Keys(chosen)), "\n") + "\n"
	if len(text) > maxBytes {
		return fmt.Errorf("%d words are %d bytes, over %d", len(chosen), len(text), maxBytes)
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

func read(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []string
	if strings.HasSuffix(path, ".json") {
		return list, json.Unmarshal(text, &list)
	}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if words := strings.Fields(line); len(words) > 0 {
			list = append(list, words[0])
		}
	}
	return list, lines.Err()
}

// usable gives the word as it is listed, or nothing.
func usable(word string) string {
	isLetter := func(r rune) bool { return 'a' <= r && r <= 'z' }
	word = strings.TrimFunc(strings.ToLower(word), func(r rune) bool { return r < 128 && !isLetter(r) })
	if len(word) < minWord || len(word) > maxWord || strings.ContainsFunc(word, func(r rune) bool { return !isLetter(r) }) {
		return ""
	}
	return word
}
