package mail

import (
	"testing"
	"time"
)

func BenchmarkWrite(b *testing.B) {
	w, c := NewWriter(exampleBrand), examples(time.Hour, exampleNow)[0]
	for b.Loop() {
		if _, err := w.Write(c); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRender is BenchmarkWrite without stencils.
func BenchmarkRender(b *testing.B) {
	w, c := NewWriter(exampleBrand), examples(time.Hour, exampleNow)[0]
	for b.Loop() {
		if _, err := w.render(form{c.Kind, c.Language}, valuesOf(c)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompose(b *testing.B) {
	m, err := NewWriter(exampleBrand).Write(examples(time.Hour, exampleNow)[0])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := compose(sender, m); err != nil {
			b.Fatal(err)
		}
	}
}
