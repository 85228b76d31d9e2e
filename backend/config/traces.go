package config

import (
	"cmp"
	"crypto/x509"
	"net/url"
	"strconv"
	"strings"
	"time"

	"aikagi/backend/secret"
)

// Traces is where spans go, from OpenTelemetry's own variables. The zero value sends none.
type Traces struct {
	URL         string // with /v1/traces
	Headers     secret.Value[map[string]string]
	Timeout     time.Duration
	Gzip        bool
	RootCAs     *x509.CertPool // nil: the system's
	ServiceName string
	Attributes  map[string]string
	Sampler     string // empty for the default
	Ratio       float64

	ScheduleDelay        time.Duration // 0: the default
	QueueSize, BatchSize int           // 0: the default
}

// IsSet says whether spans are sent.
func (t Traces) IsSet() bool { return t.URL != "" }

// Names of OpenTelemetry's environment variables. Those of one signal win over those of all.
const (
	otelDisabled    = "OTEL_SDK_DISABLED"
	otelExporter    = "OTEL_TRACES_EXPORTER"
	otelService     = "OTEL_SERVICE_NAME"
	otelAttributes  = "OTEL_RESOURCE_ATTRIBUTES"
	otelSampler     = "OTEL_TRACES_SAMPLER"
	otelSamplerArg  = "OTEL_TRACES_SAMPLER_ARG"
	otelTraces      = "OTEL_EXPORTER_OTLP_TRACES_"
	otelAll         = "OTEL_EXPORTER_OTLP_"
	otelDelay       = "OTEL_BSP_SCHEDULE_DELAY"
	otelQueue       = "OTEL_BSP_MAX_QUEUE_SIZE"
	otelBatch       = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
	otelEndpoint    = "ENDPOINT"
	otelHeaders     = "HEADERS"
	otelProtocol    = "PROTOCOL"
	otelTimeout     = "TIMEOUT"
	otelCompression = "COMPRESSION"
	otelCertificate = "CERTIFICATE"
)

// exportLasts bounds one request to the receiver, when no variable does.
const exportLasts = 10 * time.Second

// samplers are the values of OTEL_TRACES_SAMPLER.
var samplers = []string{
	"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
}

// otel reads OpenTelemetry's variables, and notes what is wrong with them. A value that is empty is not set.
type otel struct {
	environ map[string]string
	found   *mistakes
}

// readTraces reads the variables when an endpoint is among them. Others may be set for other programs, so that unknown
// ones are no mistake.
func readTraces(environ []string, found *mistakes) Traces {
	o := otel{make(map[string]string), found}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OTEL_") {
			o.environ[name] = strings.TrimSpace(value)
		}
	}
	_, endpoint := o.either(otelEndpoint)
	off := o.choice(otelDisabled, "true", "false") == "true"
	if endpoint == "" || off || o.choice(otelExporter, "otlp", "none") == "none" {
		return Traces{}
	}
	name, protocol := o.either(otelProtocol)
	if protocol != "" && protocol != "http/protobuf" {
		o.wrong(name, "is not http/protobuf", "right would be http/protobuf, the only protocol that traces are sent by")
	}
	name, compression := o.either(otelCompression)
	if compression != "" && compression != "gzip" && compression != "none" {
		o.wrong(name, "is neither gzip nor none", "right would be gzip")
	}
	t := Traces{
		URL: o.url(), Headers: secret.New(o.pairs(o.either(otelHeaders))), Gzip: compression == "gzip", RootCAs: o.authority(),
		ServiceName: o.environ[otelService], Attributes: o.pairs(otelAttributes, o.environ[otelAttributes]),
		Sampler: o.choice(otelSampler, samplers...), Ratio: 1,
		ScheduleDelay: o.milliseconds(otelDelay, o.environ[otelDelay]), QueueSize: o.count(otelQueue), BatchSize: o.count(otelBatch),
	}
	t.Timeout = cmp.Or(o.milliseconds(o.either(otelTimeout)), exportLasts)
	if text := o.environ[otelSamplerArg]; text != "" && strings.HasSuffix(t.Sampler, "traceidratio") {
		ratio, err := strconv.ParseFloat(text, 64)
		if err != nil || !(0 <= ratio && ratio <= 1) {
			o.wrong(otelSamplerArg, "is no number from 0 to 1", "right would be 0.1 for every tenth trace")
		}
		t.Ratio = ratio
	}
	return t
}

// either gives the value of the traces' own variable, or that of all signals.
func (o otel) either(last string) (name, value string) {
	if value := o.environ[otelTraces+last]; value != "" {
		return otelTraces + last, value
	}
	return otelAll + last, o.environ[otelAll+last]
}

func (o otel) wrong(name, wrong, right string) {
	*o.found = append(*o.found, Mistake{Setting: name, Wrong: wrong, Right: right})
}

func (o otel) choice(name string, values ...string) string {
	text := strings.ToLower(o.environ[name])
	for _, value := range values {
		if text == value || text == "" {
			return text
		}
	}
	o.wrong(name, "is none of its values", "right would be one of "+strings.Join(values, ", "))
	return ""
}

// url is the traces' own address as it is, or that of all signals with /v1/traces.
func (o otel) url() string {
	name, text := o.either(otelEndpoint)
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Fragment != "":
		o.wrong(name, "is no http or https address", "right would be http://127.0.0.1:4318")
		return text
	case u.User != nil:
		o.wrong(name, "holds a user or a password", "right would be to send them with "+otelAll+otelHeaders)
		return text
	case strings.HasPrefix(name, otelTraces):
		return u.String()
	}
	return u.JoinPath("v1/traces").String()
}

// pairs reads name=value entries with commas between them; a value is percent-encoded (W3C Baggage).
func (o otel) pairs(name, text string) map[string]string {
	all := make(map[string]string)
	for i, entry := range strings.Split(text, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		key, value, found := strings.Cut(entry, "=")
		key = strings.TrimSpace(key)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !found || key == "" || err != nil || strings.ContainsAny(key+value, "\r\n\x00") || strings.Contains(key, " ") {
			o.wrong(name, "has an entry (number "+strconv.Itoa(i+1)+") that is no name=value", "right would be name=value,other=value, with % encoding in the values")
			continue
		}
		all[key] = value
	}
	return all
}

func (o otel) milliseconds(name, text string) time.Duration {
	return time.Duration(o.whole(name, text, 600_000)) * time.Millisecond
}

func (o otel) count(name string) int { return o.whole(name, o.environ[name], 1_000_000) }

func (o otel) whole(name, text string, most int) int {
	if text == "" {
		return 0
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > most {
		o.wrong(name, "is no whole number from 1 to "+strconv.Itoa(most), "right would be to leave it out")
	}
	return number
}

// authority reads the certificates that verify the receiver's.
func (o otel) authority() *x509.CertPool {
	name, path := o.either(otelCertificate)
	if path == "" {
		return nil
	}
	ca, err := readCA(path)
	if err != nil {
		o.wrong(name, err.Error(), "right would be a PEM file that holds the certificate of a CA")
	}
	return ca.Pool
}
