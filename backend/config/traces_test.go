package config_test

import (
	"errors"
	"strings"
	"testing"

	"aikagi/backend/config"
)

// traced are right settings with these of OpenTelemetry's variables.
func traced(environ ...string) (config.Traces, error) {
	settings, err := config.Load(config.Args{Environ: environ})
	return settings.Traces, err
}

func TestEachWrongTraceVariableIsNamedWithoutItsValue(t *testing.T) {
	for _, wrong := range []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=geheim:4318", "OTEL_EXPORTER_OTLP_ENDPOINT=ftp://geheim", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://geheim:geheim@host:4318",
		"OTEL_EXPORTER_OTLP_PROTOCOL=grpc-geheim", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json-geheim", "OTEL_EXPORTER_OTLP_COMPRESSION=geheim",
		"OTEL_EXPORTER_OTLP_HEADERS=geheim", "OTEL_EXPORTER_OTLP_HEADERS=a=%zzgeheim", "OTEL_EXPORTER_OTLP_HEADERS=a=geheim%0d%0ab", "OTEL_EXPORTER_OTLP_TIMEOUT=geheim",
		"OTEL_EXPORTER_OTLP_TIMEOUT=-1", "OTEL_EXPORTER_OTLP_CERTIFICATE=/proc/self/exe", "OTEL_TRACES_EXPORTER=geheim", "OTEL_SDK_DISABLED=geheim",
		"OTEL_TRACES_SAMPLER=geheim", "OTEL_RESOURCE_ATTRIBUTES=geheim", "OTEL_BSP_SCHEDULE_DELAY=geheim", "OTEL_BSP_MAX_QUEUE_SIZE=0",
		"OTEL_BSP_MAX_EXPORT_BATCH_SIZE=1.5",
	} {
		name, _, _ := strings.Cut(wrong, "=")
		_, err := traced("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", wrong)
		var mistakes *config.MistakesError
		if !errors.As(err, &mistakes) || len(mistakes.Mistakes) != 1 || mistakes.Mistakes[0].Setting != name {
			t.Errorf("%s: got %v, want one mistake of this name", wrong, err)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the value is in %v", wrong, err)
		}
	}
	_, err := traced("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=2")
	if err == nil || !strings.Contains(err.Error(), "OTEL_TRACES_SAMPLER_ARG: is no number from 0 to 1") {
		t.Errorf("a ratio of 2: got %v", err)
	}
}

func TestTheTracesOwnVariablesWinAndTheirAddressIsTakenAsItIs(t *testing.T) {
	for _, one := range []struct{ environ, want string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4318", "http://a:4318/v1/traces"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4318/", "http://a:4318/v1/traces"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=https://a/base", "https://a/base/v1/traces"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://b/as/it/is OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4318", "http://b/as/it/is"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=", ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4318 OTEL_SDK_DISABLED=TRUE", ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4318 OTEL_TRACES_EXPORTER=none OTEL_EXPORTER_OTLP_PROTOCOL=grpc", ""},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_TRACES_SAMPLER=jaeger_remote", ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4318 OTEL_PROPAGATORS=b3 OTEL_PYTHON_THING=1", "http://a:4318/v1/traces"},
	} {
		got, err := traced(strings.Fields(one.environ)...)
		if err != nil || got.URL != one.want || got.IsSet() != (one.want != "") {
			t.Errorf("%s: got %q, %v; want %q", one.environ, got.URL, err, one.want)
		}
	}
	got, err := traced("OTEL_EXPORTER_OTLP_ENDPOINT=http://a", "OTEL_EXPORTER_OTLP_HEADERS=a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS=b=2%2C, c = x=y ,")
	if headers := got.Headers.Reveal(); err != nil || len(headers) != 2 || headers["b"] != "2," || headers["c"] != "x=y" {
		t.Errorf("got the headers %v, %v", headers, err)
	}
}
