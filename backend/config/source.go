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

// prefix begins the names of all settings in the environment.
const prefix = "AIKAGI_"

// maxFile is the size of the largest file in bytes. A path such as /dev/zero must not fill the memory.
const maxFile = 1 << 20

const seeReference = "`aikagi settings` lists all names"

// source is the text of one setting and its origin.
type source struct {
	text   string
	from   string // empty for the environment
	broken bool   // set, but without a usable text; the mistake has been added already
}

func (s source) isSet() bool { return s.text != "" || s.broken }

// gather collects the texts of the settings from the environment and the TOML file, by name. isRead is false if there is a
// TOML file that cannot be read.
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

// gatherEnvironment collects the texts from the environment and from the files that it names. It also returns the path in
// AIKAGI_CONFIG.
func gatherEnvironment(environ, names []string, found *mistakes) (given map[string]source, file string) {
	given = make(map[string]source)
	paths := make(map[string]string) // by the name of the setting
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		name, isOurs := strings.CutPrefix(name, prefix)
		base, isPath := strings.CutSuffix(name, "_FILE")
		switch {
		case !isOurs || text == "" || strings.HasPrefix(name, testPrefix) || fromKubernetes.MatchString(entry):
		case name == "CONFIG":
			file = text
		case slices.Contains(names, name):
			given[name] = source{text: text}
		case isPath && slices.Contains(names, base):
			paths[base] = text
		default:
			found.add(name, "", "is not a setting", meantName(name, names))
		}
	}
	for _, name := range names {
		path, isNamed := paths[name]
		switch {
		case !isNamed:
		case given[name].isSet():
			found.add(name, "", "is set twice, also by "+prefix+name+"_FILE", "right would be one of the two")
			given[name] = source{broken: true}
		default:
			given[name] = fromFile(name, path, found)
		}
	}
	return given, file
}

// fromFile reads the text of a setting from the file that AIKAGI_<name>_FILE names.
func fromFile(name, path string, found *mistakes) source {
	from := "from " + prefix + name + "_FILE"
	text, err := readFile(path)
	text = strings.TrimRight(text, "\r\n")
	if err == nil && text == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		found.add(name, from, "the file cannot be used: "+err.Error(), "right would be the path of a file that holds the value")
		return source{broken: true}
	}
	return source{text: text, from: from}
}

// testPrefix begins the names that this project's tests read. The program ignores them, so that tests can run it.
const testPrefix = "TEST_"

// fromKubernetes matches the variables that Kubernetes adds to the environment of a pod for each Service whose name begins
// with "aikagi". They are no mistakes, because no operator set them. AIKAGI_PORT=8080 does not match.
var fromKubernetes = regexp.MustCompile(`^AIKAGI_([A-Z0-9_]+_)?` +
	`(SERVICE_HOST=|SERVICE_PORT(_[A-Z0-9_]+)?=|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?=|PORT=(tcp|udp|sctp)://)`)

// gatherTOML collects the texts from the TOML file.
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

// lineOf returns only the line of the decoder's error. The error's message quotes the text, which may hold a password.
func lineOf(err error) string {
	if parse := (toml.ParseError{}); errors.As(err, &parse) {
		return fmt.Sprintf(" at line %d", parse.Position.Line)
	}
	return ""
}

// readFile reads a small text file. The error omits the path, because an operator may have put a password in the place of
// a path, and the password must not reach the log.
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

// meantName guesses which name in the environment was meant.
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

// meantKey guesses which key of the TOML file was meant.
func meantKey(name string, names []string) string {
	name, _ = strings.CutPrefix(name, prefix)
	if meant, near := nearest(strings.TrimSuffix(name, "_FILE"), names); near {
		return "did you mean " + strings.ToLower(meant) + "?"
	}
	return seeReference
}
