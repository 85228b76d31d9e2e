package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strings"
)

// The plot's size and margins, in pixels.
const (
	plotWidth, plotHeight                      = 640.0, 360.0
	marginLeft, marginRight, marginTop, bottom = 64.0, 20.0, 64.0, 52.0
)

// plotStyle is readable on a light and on a dark page. The colours are told apart by people who see no red or green.
const plotStyle = `<style>
text { font: 13px sans-serif; fill: #1f2328 } .title { font-weight: 600 } .grid { stroke: #d1d9e0 }
.line { fill: none; stroke-width: 2 } .a { stroke: #0072b2 } .b { stroke: #d55e00 } .c { stroke: #008060 } .d { stroke: #a0528f }
circle { stroke-width: 2; fill: #ffffff }
@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .grid { stroke: #3d444d }
.a { stroke: #56b4e9 } .b { stroke: #f0a04b } .c { stroke: #2fc79a } .d { stroke: #e39fd0 } circle { fill: #0d1117 } }
</style>
`

var lineClasses = []string{"a", "b", "c", "d"}

// axis maps values to pixels. A logarithmic one begins and ends at powers of ten.
type axis struct {
	isLog      bool
	from, to   float64 // values
	start, end float64 // pixels
	marks      []float64
}

func (a axis) at(value float64) float64 {
	scale := func(v float64) float64 { return v }
	if a.isLog {
		scale = math.Log10
	}
	return a.start + (a.end-a.start)*(scale(value)-scale(a.from))/(scale(a.to)-scale(a.from))
}

// xAxis has a mark at each measured value.
func (c curve) xAxis() axis {
	a := axis{isLog: true, from: math.Inf(1), start: marginLeft + 10, end: plotWidth - marginRight - 10}
	for _, p := range c.Lines[0].Points {
		a.from, a.to = min(a.from, p.X), max(a.to, p.X)
		a.marks = append(a.marks, p.X)
	}
	return a
}

func (c curve) yAxis() axis {
	least, most := math.Inf(1), 0.0
	for _, l := range c.Lines {
		for _, p := range l.Points {
			least, most = min(least, p.Y.Min), max(most, p.Y.Max)
		}
	}
	a := axis{isLog: c.LogY, to: most, start: plotHeight - bottom, end: marginTop}
	if c.LogY {
		a.from, a.to = math.Pow(10, math.Floor(math.Log10(least))), math.Pow(10, math.Ceil(math.Log10(most)))
		for mark := a.from; mark <= a.to*1.01; mark *= 10 {
			a.marks = append(a.marks, mark)
		}
		return a
	}
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for most/step < 4 {
		step /= 2
	}
	a.to = step * math.Ceil(most/step)
	for mark := 0.0; mark <= a.to; mark += step {
		a.marks = append(a.marks, mark)
	}
	return a
}

// svg draws the lines with a circle at each median and the range of all rounds behind it.
func (c curve) svg() []byte {
	var to bytes.Buffer
	fmt.Fprintf(&to, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img">`+"\n",
		plotWidth, plotHeight, plotWidth, plotHeight)
	fmt.Fprintf(&to, "<title>%s</title>\n%s", html.EscapeString(c.Title), plotStyle)
	x, y := c.xAxis(), c.yAxis()
	write := func(px, py float64, anchor, class, text string) {
		fmt.Fprintf(&to, `<text x="%.0f" y="%.0f" text-anchor="%s" class="%s">%s</text>`+"\n", px, py, anchor, class, html.EscapeString(text))
	}
	write(marginLeft, 20, "start", "title", c.Title)
	write((plotWidth+marginLeft)/2, plotHeight-10, "middle", "", c.XLabel)
	fmt.Fprintf(&to, `<text transform="translate(14 %.0f) rotate(-90)" text-anchor="middle">%s</text>`+"\n",
		(plotHeight+marginTop-bottom)/2, html.EscapeString(c.YLabel))
	for _, mark := range y.marks {
		fmt.Fprintf(&to, `<line class="grid" x1="%.0f" x2="%.0f" y1="%.1f" y2="%.1f"/>`+"\n", marginLeft, plotWidth-marginRight, y.at(mark), y.at(mark))
		write(marginLeft-6, y.at(mark)+4, "end", "", digits(mark))
	}
	for _, mark := range x.marks {
		write(x.at(mark), plotHeight-bottom+18, "middle", "", digits(mark))
	}
	legend := marginLeft
	for i, l := range c.Lines {
		class := lineClasses[i%len(lineClasses)]
		l.draw(&to, class, x, y)
		fmt.Fprintf(&to, `<line class="line %s" x1="%.0f" x2="%.0f" y1="40" y2="40"/>`+"\n", class, legend, legend+20)
		write(legend+26, 44, "start", "", l.Name)
		legend += 26 + 7.2*float64(len([]rune(l.Name))) + 20
	}
	to.WriteString("</svg>\n")
	return to.Bytes()
}

func (l line) draw(to *bytes.Buffer, class string, x, y axis) {
	var medians []string
	for _, p := range l.Points {
		medians = append(medians, fmt.Sprintf("%.1f,%.1f", x.at(p.X), y.at(p.Y.Median)))
		fmt.Fprintf(to, `<line class="%s" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`+"\n",
			class, x.at(p.X), x.at(p.X), y.at(p.Y.Min), y.at(p.Y.Max))
	}
	fmt.Fprintf(to, `<polyline class="line %s" points="%s"/>`+"\n", class, strings.Join(medians, " "))
	for _, p := range l.Points {
		fmt.Fprintf(to, `<circle class="%s" cx="%.1f" cy="%.1f" r="3.5"/>`+"\n", class, x.at(p.X), y.at(p.Y.Median))
	}
}
