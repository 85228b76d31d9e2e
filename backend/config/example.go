package config

import (
	"strconv"
	"strings"
)

const exampleHead = `# Settings of Aikagi. Name this file with --config FILE or AIKAGI_CONFIG. The environment wins: AIKAGI_LISTEN, or
# AIKAGI_LISTEN_FILE with the path of a file that holds the value, before listen. Remove the # before a name to set it;
# shown is the default, or an example where there is none. Only its owner may read a file that holds passwords or keys
# (mode 0600).
`

// Example returns a TOML file in which every setting is a comment.
func Example() string {
	text := new(strings.Builder)
	text.WriteString(exampleHead)
	for _, group := range new(Settings).table() {
		text.WriteString("\n# --- " + group.heading + " ---\n")
		for _, setting := range group.settings {
			text.WriteString("\n")
			for line := range strings.Lines(wrap(setting.doc)) {
				text.WriteString("# " + strings.TrimSpace(line) + "\n")
			}
			if isReloadable(setting.name) {
				text.WriteString("# " + reloadNote + "\n")
			}
			text.WriteString("# " + strings.ToLower(setting.name) + " = " + setting.tomlValue() + "\n")
		}
	}
	return text.String()
}

// tomlValue returns the default or the example as a TOML value. If the example has two forms, it returns the first.
func (s setting) tomlValue() string {
	if _, err := strconv.ParseInt(s.example, 10, 64); err == nil {
		return s.example
	}
	value, _, _ := strings.Cut(s.example, " or ")
	value, _, _ = strings.Cut(value, ", as ")
	return strconv.Quote(value)
}
