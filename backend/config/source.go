package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// prefix is what the names of all settings begin with in the environment.
const prefix = "AIKAGI_"

// maxFile bounds what is read of a file, in bytes: a path such as /dev/zero must not fill the memory.
const maxFile = 1 << 20

const seeReference = "`aikagi settings` lists all names"

// source is the text of one setting and where it stands.
type source struct {
	text   string
	from   string // empty for the environment
	broken bool   // set in a way that gave no text; the mistake is noted already
}

func (s source) isSet() bool { return s.text != "" || s.broken }

// gather collects the texts of the settings from the environment and the TOML file, by name. It says whether the file,
// if there is one, could be read.
func gather(args Args, table []group, found *mistakes) (given map[string]source, isRead bool) {
	names := namesOf(table)
	environment, file := gatherEnvironment(args.Environ, names, found)
	if args.File != "" {
		file = args.File
	}
	given, isRead = make(map[string]source), true
	if file != "" {
		given, isRead = gatherTOML(file, names, found)
	}
	maps.Copy(given, environment)
	return given, isRead
}

// gatherEnvironment also returns the TOML file's path, if the environment names one.
func gatherEnvironment(environ, names []string, found *mistakes) (given map[string]source, file string) {
	given = make(map[string]source)
	paths := make(map[string]string)
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(name, prefix)
		base, isPath := strings.CutSuffix(name, "_FILE")
		switch {
		case !ours || text == "" || strings.HasPrefix(name, forTests) || fromKubernetes.MatchString(entry):
		case name == "CONFIG":
			file = text
		case slices.Contains(names, name):
			if text != "" {
				given[name] = source{text: text}
			}
		case isPath && slices.Contains(names, base):
			if text != "" {
				paths[base] = text
			}
		default:
			found.add(name, "", "is not a setting", meantName(name, names))
		}
	}
	for _, name := range names {
		path, named := paths[name]
		if !named {
			continue
		}
		from := "from " + prefix + name + "_FILE"
		if given[name].isSet() {
			found.add(name, "", "is set twice, also by "+prefix+name+"_FILE", "right would be one of the two")
			given[name] = source{broken: true}
			continue
		}
		text, err := readFile(path)
		text = strings.TrimRight(text, "\r\n")
		if err == nil && text == "" {
			err = errors.New("it is empty")
		}
		if err != nil {
			found.add(name, from, "the file cannot be used: "+err.Error(), "right would be the path of a file that holds the value")
			given[name] = source{broken: true}
			continue
		}
		given[name] = source{text: text, from: from}
	}
	return given, file
}

// forTests begins what this project's tests read: beside them the program must run as it does elsewhere.
const forTests = "TEST_"

// fromKubernetes matches what Kubernetes puts into the environment of a pod for each Service whose name begins with
// "aikagi". Nobody set these, so they are no mistakes; AIKAGI_PORT=8080, which somebody did set, is one.
var fromKubernetes = regexp.MustCompile(`^AIKAGI_([A-Z0-9_]+_)?` +
	`(SERVICE_HOST=|SERVICE_PORT(_[A-Z0-9_]+)?=|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?=|PORT=(tcp|udp|sctp)://)`)

func gatherTOML(path string, names []string, found *mistakes) (given map[string]source, isRead bool) {
	given = make(map[string]source)
	text, err := readFile(path)
	if err != nil {
		found.add("CONFIG", path, "the file cannot be read: "+err.Error(), "right would be the path of a TOML file")
		return given, false
	}
	var entries map[string]any
	if _, err := toml.Decode(text, &entries); err != nil {
		found.add("CONFIG", path, "is not TOML"+lineOf(err), `right would be lines like listen = "127.0.0.1:8080", each name once`)
		return given, false
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		name := strings.ToUpper(key)
		if key != strings.ToLower(key) || !slices.Contains(names, name) {
			found.add("CONFIG", path, strconv.Quote(key)+" is not a setting", meantKey(name, names))
			continue
		}
		from := key + " in " + path
		switch value := entries[key].(type) {
		case string:
			given[name] = source{text: value, from: from}
		case int64:
			given[name] = source{text: strconv.FormatInt(value, 10), from: from}
		default:
			found.add(name, from, "is neither text nor a whole number", "right would be text in quotation marks")
			given[name] = source{broken: true}
		}
	}
	return given, true
}

// lineOf says where the decoder stopped, and no more: its message quotes the text, which may hold a password.
func lineOf(err error) string {
	if parse := (toml.ParseError{}); errors.As(err, &parse) {
		return fmt.Sprintf(" at line %d", parse.Position.Line)
	}
	return ""
}

// readFile reads a small text file. The error does not hold the path: who puts a password where a path belongs
// should not find it in a log.
func readFile(path string) (text string, err error) {
	file, err := os.Open(path) //nolint:gosec // the path is the operator's own
	if err != nil {
		return "", withoutPath(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return "", withoutPath(err)
	}
	if len(content) > maxFile {
		return "", errors.New("it is over 1 MiB")
	}
	return strings.TrimPrefix(string(content), "\uFEFF"), nil
}

func withoutPath(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

func meantName(name string, names []string) string {
	base, isPath := strings.CutSuffix(name, "_FILE")
	meant, near := nearest(base, append([]string{"CONFIG"}, names...))
	switch {
	case !near:
		return seeReference
	case isPath && meant != "CONFIG":
		meant += "_FILE"
	}
	return "did you mean " + prefix + meant + "?"
}

func meantKey(name string, names []string) string {
	name, _ = strings.CutPrefix(name, prefix)
	if meant, near := nearest(strings.TrimSuffix(name, "_FILE"), names); near {
		return "did you mean " + strings.ToLower(meant) + "?"
	}
	return seeReference
}
