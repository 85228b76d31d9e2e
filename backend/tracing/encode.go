package tracing

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
)

// encode returns spans in the form of OTLP. All spans come from one resource and one scope. TracesData has the same wire format
// as ExportTraceServiceRequest, whose package needs gRPC.
func encode(spans []sdk.ReadOnlySpan) *otlp.TracesData {
	if len(spans) == 0 {
		return &otlp.TracesData{}
	}
	scope := &otlp.ScopeSpans{Scope: &common.InstrumentationScope{Name: spans[0].InstrumentationScope().Name}}
	for _, span := range spans {
		scope.Spans = append(scope.Spans, encodeSpan(span))
	}
	return &otlp.TracesData{ResourceSpans: []*otlp.ResourceSpans{{
		Resource:   &resource.Resource{Attributes: encodeAttributes(spans[0].Resource().Attributes())},
		ScopeSpans: []*otlp.ScopeSpans{scope},
	}}}
}

func encodeSpan(span sdk.ReadOnlySpan) *otlp.Span {
	traceID, spanID := span.SpanContext().TraceID(), span.SpanContext().SpanID()
	out := &otlp.Span{
		TraceId: traceID[:], SpanId: spanID[:], Name: span.Name(), Kind: kinds[span.SpanKind()],
		StartTimeUnixNano: uint64(span.StartTime().UnixNano()), EndTimeUnixNano: uint64(span.EndTime().UnixNano()),
		Attributes: encodeAttributes(span.Attributes()), Status: &otlp.Status{},
		Flags: uint32(span.SpanContext().TraceFlags()),
	}
	if parent := span.Parent(); parent.HasSpanID() {
		id := parent.SpanID()
		out.ParentSpanId = id[:]
	}
	if span.Status().Code == codes.Error {
		out.Status.Code = otlp.Status_STATUS_CODE_ERROR
	}
	return out
}

var kinds = map[trace.SpanKind]otlp.Span_SpanKind{
	trace.SpanKindInternal: otlp.Span_SPAN_KIND_INTERNAL,
	trace.SpanKindServer:   otlp.Span_SPAN_KIND_SERVER,
	trace.SpanKindClient:   otlp.Span_SPAN_KIND_CLIENT,
}

// encodeAttributes handles the types that this package and the SDK's resource use: text and int64.
func encodeAttributes(all []attribute.KeyValue) []*common.KeyValue {
	out := make([]*common.KeyValue, len(all))
	for i, attr := range all {
		value := &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: attr.Value.String()}}
		if attr.Value.Type() == attribute.INT64 {
			value.Value = &common.AnyValue_IntValue{IntValue: attr.Value.AsInt64()}
		}
		out[i] = &common.KeyValue{Key: string(attr.Key), Value: value}
	}
	return out
}
