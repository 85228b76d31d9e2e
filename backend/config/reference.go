package config

import (
	"strings"
	"unicode/utf8"
)

const referenceHead = `Each setting comes from the environment, from the file that the same name with _FILE at its end names, or from
a TOML file (--config FILE or AIKAGI_CONFIG; names in lower case without AIKAGI_). The environment wins. An empty
value is the same as none. In brackets: the default.
`

// Reference returns a list of all settings for people: name, default, documentation and example.
func Reference() string {
	text := new(strings.Builder)
	text.WriteString(referenceHead)
	for _, group := range new(Settings).table() {
		text.WriteString("\n" + group.heading + "\n")
		for _, setting := range group.settings {
			text.WriteString("\n  " + prefix + setting.name)
			if setting.preset != "" {
				text.WriteString(" [" + setting.preset + "]")
			}
			text.WriteString("\n" + wrap(setting.doc))
			if isReloadable(setting.name) {
				text.WriteString(wrap(reloadNote))
			}
			if setting.preset == "" {
				text.WriteString(wrap("Such as " + setting.example))
			}
		}
	}
	return text.String()
}

// wrap breaks a text between words into indented lines.
func wrap(sentence string) string {
	const indent, width = "     ", 100
	var text, line string
	for word := range strings.FieldsSeq(sentence) {
		if line != "" && utf8.RuneCountInString(indent+line+" "+word) > width {
			text += indent + line + "\n"
			line = ""
		}
		line += " " + word
	}
	return text + indent + line + "\n"
}
