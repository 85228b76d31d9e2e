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
	text.WriteString(referenceOfTraces)
	return text.String()
}

// referenceOfTraces is for the variables that are not ours: they have neither our prefix nor _FILE.
const referenceOfTraces = `
Traces (off without an endpoint; OpenTelemetry's own names, from the environment only)

  OTEL_EXPORTER_OTLP_ENDPOINT, or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT with its path
     Where spans are sent, by OTLP over HTTP (http/protobuf). Such as http://127.0.0.1:4318
  OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT (milliseconds), _COMPRESSION (gzip or none), _CERTIFICATE
     Those that begin with OTEL_EXPORTER_OTLP_TRACES_ win.
  OTEL_SERVICE_NAME [aikagi], OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER [parentbased_always_on],
  OTEL_TRACES_SAMPLER_ARG, OTEL_TRACES_EXPORTER (otlp or none), OTEL_SDK_DISABLED, OTEL_BSP_SCHEDULE_DELAY,
  OTEL_BSP_MAX_QUEUE_SIZE, OTEL_BSP_MAX_EXPORT_BATCH_SIZE
     As OpenTelemetry describes them. Wrong values are mistakes when an endpoint is set; other OTEL_ names are
     ignored, OTEL_PROPAGATORS too: no trace of a request's sender is taken over.
`

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
