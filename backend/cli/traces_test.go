package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"aikagi/backend/testkit"
	"aikagi/backend/testkit/otlp"
)

// The closed sets of names and attributes of spans.
var (
	spanNames = regexp.MustCompile(`^(resolve|letters (begin|record)|letter|smtp|redis (evalsha|eval|del|set)|` +
		`(SELECT|INSERT|UPDATE|DELETE) (members|recoveries|issuances|letters|activities)|` +
		`(GET|HEAD|POST|PUT|DELETE|HTTP) (/[a-z/{}.-]*|other))$`)
	spanAttributes = map[string]*regexp.Regexp{
		"http.request.method": regexp.MustCompile(`^(GET|HEAD|POST|PUT|DELETE|_OTHER)$`), "http.route": regexp.MustCompile(`^(/[a-z/{}.-]*|other)$`),
		"http.response.status_code": regexp.MustCompile(`^[2-5][0-9][0-9]$`),
		"db.system.name":            regexp.MustCompile(`^(mysql|sqlite|redis)$`), "db.operation.name": regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|evalsha|eval|del|set)$`),
		"db.collection.name": regexp.MustCompile(`^(members|recoveries|issuances|letters|activities)$`),
		"aikagi.asks":        regexp.MustCompile(`^[0-9]+$`), "aikagi.letters": regexp.MustCompile(`^[0-9]+$`), "aikagi.letter.kind": regexp.MustCompile(`^(temporary_password|password_changed|password_voided)$`),
	}
)

// children returns the names of spans with their parents, as "parent > child".
func children(spans []otlp.Span) []string {
	names := make(map[string]string)
	for _, span := range spans {
		names[span.ID] = span.Name
	}
	var found []string
	for _, span := range spans {
		if span.Parent != "" {
			found = append(found, names[span.Parent]+" > "+span.Name)
		}
	}
	return found
}

func TestAWholeRecoveryIsTracedWithNamesAndAttributesFromClosedSetsOnly(t *testing.T) {
	receiver := otlp.Start(t)
	onBothSites(t, func(t *testing.T, s *site) {
		before := len(receiver.Spans())
		s.walkWithAttacks()
		hasRedis := s.server.redis != nil
		s.stop()
		spans := receiver.Spans()[before:]
		want := []string{
			"POST /api/recoveries > INSERT recoveries", "POST /api/recoveries/{id}/redemption > UPDATE recoveries",
			"POST /api/session > SELECT members", "PUT /api/recoveries/{id}/password > UPDATE members",
			"resolve > SELECT members", "resolve > INSERT letters", "letter > smtp", "letters begin > UPDATE letters", "letters record > UPDATE letters",
		}
		if hasRedis {
			want = append(want, "POST /api/session > redis evalsha")
		}
		got := children(spans)
		for _, one := range want {
			if !slices.Contains(got, one) {
				t.Errorf("there is no span %q", one)
			}
		}
		for _, span := range spans {
			if !spanNames.MatchString(span.Name) {
				t.Errorf("a span is named %q", span.Name)
			}
			for name, value := range span.Attributes {
				if set, known := spanAttributes[name]; !known || !set.MatchString(value) {
					t.Errorf("the span %s has %s=%q", span.Name, name, value)
				}
			}
			if span.Parent == "" && !strings.HasPrefix(span.Kind, "SPAN_KIND_SERVER") && !slices.Contains([]string{"resolve", "letters begin", "letters record", "letter"}, span.Name) {
				t.Errorf("the span %s belongs to nothing", span.Name)
			}
		}
		if resource := receiver.Resource(); resource["service.name"] != "aikagi" || resource["deployment.environment.name"] != "test bed" {
			t.Errorf("got the resource %v", resource)
		}
		if got := receiver.Headers().Get("X-Token"); got != "a b" {
			t.Errorf("got the header %q", got)
		}
	}, "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.URL, "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test%20bed",
		"OTEL_EXPORTER_OTLP_HEADERS=x-token=a%20b", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip")
}

// With a traceparent a stranger could decide what is sampled, and put ids into the operator's traces.
func TestTheTraceparentOfARequestIsIgnored(t *testing.T) {
	receiver := otlp.Start(t)
	s := newSite(t, testkit.SQLite(t), "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="+receiver.URL+"/v1/traces", "OTEL_SERVICE_NAME=support")
	s.browser().send(sent{method: "GET", path: "/api/site", header: map[string][]string{
		"Traceparent": {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
	}})
	s.stop()
	for _, span := range receiver.Spans() {
		if span.Trace == "\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36" || span.Name == "GET /api/site" && span.Parent != "" {
			t.Errorf("got %+v", span)
		}
	}
	if resource := receiver.Resource(); resource["service.name"] != "support" {
		t.Errorf("got the resource %v", resource)
	}
}

func TestNothingIsTracedWithoutAReceiverOrWhenItIsSwitchedOff(t *testing.T) {
	receiver := otlp.Start(t)
	for _, environ := range [][]string{
		{"OTEL_SERVICE_NAME=aikagi"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL, "OTEL_SDK_DISABLED=true"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL, "OTEL_TRACES_EXPORTER=none"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL, "OTEL_TRACES_SAMPLER=always_off"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL, "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0"},
	} {
		s := newSite(t, testkit.SQLite(t), environ...)
		s.browser().ask(taro, taroAddress)
		s.letters(1)
		s.stop()
		if spans := receiver.Spans(); len(spans) > 0 {
			t.Errorf("%v: got %d spans", environ, len(spans))
		}
	}
}

func TestWithoutAnAnswerOfTheReceiverRequestsWorkAndTheLogSaysItOnce(t *testing.T) {
	receiver := otlp.Start(t)
	receiver.Answer(503)
	s := newSite(t, testkit.SQLite(t), "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.URL, "OTEL_BSP_SCHEDULE_DELAY=20", "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20geheim")
	s.stop()
	p := s.run()
	s.base = p.base
	b := s.browser()
	b.ask(taro, taroAddress)
	s.letters(1)
	const away, again = "does not take them", "takes them again"
	eventually(t, "the log says that the receiver is away", func() bool { return strings.Contains(p.log.String(), away) })
	b.ask(taro, taroAddress)
	receiver.Answer(200)
	eventually(t, "the log says that it is back", func() bool {
		b.want(200, "GET", "/api/site")
		return strings.Contains(p.log.String(), again)
	})
	p.kill()
	log := p.log.String()
	if strings.Count(log, away) != 1 || strings.Count(log, again) != 1 || strings.Contains(log, "geheim") {
		t.Errorf("got the log\n%s", log)
	}
}
