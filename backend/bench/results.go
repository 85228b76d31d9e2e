package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// results are the measured values, which results.json keeps beside the report: a run of some parts replaces theirs only.
type results struct {
	Machine machine `json:"machine"`
	// Parts are by the name of the part and the database, such as asks/mariadb.
	Parts map[string]outcome `json:"parts"`
}

// outcome is what one part measured on one database.
type outcome struct {
	// Day and Program say when, and which version.
	Day     string  `json:"day"`
	Program string  `json:"program"`
	Rows    []row   `json:"rows"`
	Curves  []curve `json:"curves,omitempty"`
}

// curve is one plot.
type curve struct {
	Name   string `json:"name"` // of the file, without .svg
	Title  string `json:"title"`
	XLabel string `json:"x_label"`
	YLabel string `json:"y_label"`
	LogY   bool   `json:"log_y,omitzero"`
	Lines  []line `json:"lines"`
}

type line struct {
	Name   string  `json:"name"`
	Points []point `json:"points"`
}

type point struct {
	X float64 `json:"x"`
	Y summary `json:"y"`
}

// add adds the values that a way measured at x.
func (l *line) add(x float64, values []float64) {
	l.Points = append(l.Points, point{x, summarise(values)})
}

const (
	folder      = "backend/bench"
	resultsFile = "results.json"
	reportFile  = "RESULTS.md"
)

// load reads the kept results; there may be none yet.
func load(folder string) (results, error) {
	kept := results{Parts: map[string]outcome{}}
	content, err := os.ReadFile(filepath.Join(folder, resultsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &kept)
	}
	if err != nil {
		return kept, fmt.Errorf("read the kept results: %w", err)
	}
	return kept, nil
}

// save writes the results, the plots, and the measured part of the report.
func (all results) save(folder string) error {
	content, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	files := map[string][]byte{resultsFile: append(content, '\n')}
	for _, outcome := range all.Parts {
		for _, c := range outcome.Curves {
			files[c.Name+".svg"] = c.svg()
		}
	}
	before, err := os.ReadFile(filepath.Join(folder, reportFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if files[reportFile], err = putBetweenMarkers(before, all.markdown()); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return fmt.Errorf("write the results: %w", err)
		}
	}
	return nil
}

// The measured part of the report stands between these lines. What stands outside is written by hand, and stays.
const (
	beginMarker = "<!-- measured: begin (npm run bench writes what follows) -->\n"
	endMarker   = "<!-- measured: end -->\n"
)

func putBetweenMarkers(report, measured []byte) ([]byte, error) {
	if len(report) == 0 {
		report = []byte("# Measurements\n\n" + beginMarker + endMarker)
	}
	before, rest, begins := bytes.Cut(report, []byte(beginMarker))
	_, after, ends := bytes.Cut(rest, []byte(endMarker))
	if !begins || !ends {
		return nil, fmt.Errorf("%s lacks the lines %q and %q, between which the measured part stands", reportFile, beginMarker, endMarker)
	}
	return bytes.Join([][]byte{before, []byte(beginMarker), measured, []byte(endMarker), after}, nil), nil
}
