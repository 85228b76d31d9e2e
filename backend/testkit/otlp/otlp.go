// Package otlp has a receiver of traces for tests. It takes OTLP over HTTP on the loopback interface.
package otlp

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is the part of a span that tests examine.
type Span struct {
	Name, Kind        string
	ID, Parent, Trace string
	Attributes        map[string]string
	Failed            bool
}

// Receiver keeps all spans that it receives.
type Receiver struct {
	URL string // without /v1/traces

	mu       sync.Mutex
	spans    []Span
	resource map[string]string
	raw      strings.Builder
	headers  http.Header
	status   int
}

// Start starts a receiver. It is closed when the test ends.
func Start(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(r.receive))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

func (r *Receiver) receive(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.headers = request.Header.Clone()
	if r.status != http.StatusOK {
		w.WriteHeader(r.status)
		return
	}
	content, err := readBody(request)
	var sent trace.TracesData
	if err == nil {
		err = proto.Unmarshal(content, &sent)
	}
	if err != nil || request.Method != http.MethodPost || request.URL.Path != "/v1/traces" || request.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
		return
	}
	r.raw.WriteString(sent.String())
	r.raw.Write(content)
	for _, resource := range sent.GetResourceSpans() {
		r.resource = texts(resource.GetResource().GetAttributes())
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				r.spans = append(r.spans, Span{
					Name: span.GetName(), Kind: span.GetKind().String(), ID: string(span.GetSpanId()), Parent: string(span.GetParentSpanId()),
					Trace: string(span.GetTraceId()), Attributes: texts(span.GetAttributes()),
					Failed: span.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR,
				})
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf") // an empty ExportTraceServiceResponse
}

func readBody(request *http.Request) ([]byte, error) {
	body := io.Reader(request.Body)
	if request.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unpacked
	}
	return io.ReadAll(body)
}

func texts(all []*common.KeyValue) map[string]string {
	out := make(map[string]string)
	for _, attribute := range all {
		switch value := attribute.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			out[attribute.GetKey()] = value.StringValue
		default:
			out[attribute.GetKey()] = strings.TrimPrefix(attribute.GetValue().String(), "int_value:")
		}
	}
	return out
}

// Answer sets the status of all further answers. With a status other than 200 the receiver keeps no spans.
func (r *Receiver) Answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// Spans returns all spans so far.
func (r *Receiver) Spans() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Span(nil), r.spans...)
}

// Resource returns the attributes of the resource of the last spans.
func (r *Receiver) Resource() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resource
}

// Headers returns the headers of the last request.
func (r *Receiver) Headers() http.Header {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.headers
}

// Raw returns everything that was received, as bytes and as text.
func (r *Receiver) Raw() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.raw.String()
}
