package tracing

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	described "go.opentelemetry.io/proto/otlp/resource/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
)

// encode writes spans of one resource and one scope as OTLP does. TracesData has the wire form of an
// ExportTraceServiceRequest, whose package needs gRPC.
func encode(spans []sdk.ReadOnlySpan) *otlp.TracesData {
	if len(spans) == 0 {
		return &otlp.TracesData{}
	}
	scope := &otlp.ScopeSpans{Scope: &common.InstrumentationScope{Name: spans[0].InstrumentationScope().Name}}
	for _, span := range spans {
		scope.Spans = append(scope.Spans, encodeSpan(span))
	}
	return &otlp.TracesData{ResourceSpans: []*otlp.ResourceSpans{{
		Resource:   &described.Resource{Attributes: encodeAttributes(spans[0].Resource().Attributes())},
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

// encodeAttributes knows the types that this package and the SDK's resource use.
func encodeAttributes(all []attribute.KeyValue) []*common.KeyValue {
	out := make([]*common.KeyValue, len(all))
	for i, one := range all {
		value := &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: one.Value.String()}}
		if one.Value.Type() == attribute.INT64 {
			value.Value = &common.AnyValue_IntValue{IntValue: one.Value.AsInt64()}
		}
		out[i] = &common.KeyValue{Key: string(one.Key), Value: value}
	}
	return out
}
