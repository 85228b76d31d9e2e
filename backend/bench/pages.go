package main

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// pageClients fetch side by side.
const pageClients = 16

// page is an address of the program and what it answers to a browser that takes brotli.
type page struct {
	name, path string
	answer     fasthttp.Response
}

// codingHeaders are those that say how a body is compressed and kept.
var codingHeaders = []string{"Content-Encoding", "Vary", "Cache-Control"}

// measurePages compares the page and the largest script with nginx that serves the same compressed bytes, with the headers
// that say so: once with its defaults, and once with files that it keeps open and every header of the program's answer.
func measurePages(b *bench, _ string) (o outcome, err error) {
	s, err := b.serve(onSQLite, 1)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	load, err := firstLoad(s.Base)
	if err != nil {
		return o, err
	}
	home := load[0]
	home.name = "page /"
	scripts := slices.DeleteFunc(slices.Clone(load), func(p *page) bool { return !strings.HasSuffix(p.path, ".js") })
	if len(scripts) == 0 {
		return o, errors.New("the page names no script")
	}
	script := slices.MaxFunc(scripts, func(a, b *page) int { return len(a.answer.Body()) - len(b.answer.Body()) })
	script.name = "script"

	pages := []*page{home, script}
	var locations []location
	for i, p := range pages {
		few, all := p.location(fmt.Sprintf("/few%d", i), codingHeaders), p.location(fmt.Sprintf("/all%d", i), nil)
		all.keepsOpen = true
		locations = append(locations, few, all)
	}
	n, err := startNginx(b.Folder(), locations...)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, n.stop()) }()
	for i, p := range pages {
		own := b.fetching("Aikagi", s.Base, p.path, func() []int { return []int{s.ID()} })
		few := b.fetching("nginx", n.base, locations[2*i].path, n.processes)
		all := b.fetching("nginx, files kept open, all our headers", n.base, locations[2*i+1].path, n.processes)
		if err := takeTurns(b.rounds, &own.way, &few.way, &all.way); err != nil {
			return o, err
		}
		name := fmt.Sprintf("%s, %s KB brotli, %d clients", p.name, digits(float64(len(p.answer.Body()))/1000), pageClients)
		least := 0.9
		if p == home {
			least = 1
		}
		o.Rows = append(o.Rows,
			compare(name, "/s", &own.way, &few.way, ratioAtLeast(least)), compare(name, "/s", &own.way, &all.way, goal{}),
			compare(p.name+", processor time of the server", "µs", &own.processor, &few.processor, goal{}))
	}
	return o, nil
}

// fetching is a way that fetches one address, and the processor time that its server needs.
type fetching struct {
	way
	processor way
}

func (b *bench) fetching(name, base, path string, processes func() []int) *fetching {
	f := &fetching{}
	f.name, f.processor.name = name, name
	open := func() (func() error, func(), error) {
		client, err := newFetcher(base, path)
		if err != nil {
			return nil, nil, err
		}
		return client.fetch, client.leave, nil
	}
	f.round = func() (float64, error) {
		ids := processes()
		used, begun := processorTime(ids...), time.Now()
		rate, err := perSecond(pageClients, b.lasts, open)
		spent := processorTime(ids...) - used
		f.processor.values = append(f.processor.values, float64(spent.Microseconds())/(rate*time.Since(begun).Seconds()))
		return rate, err
	}
	return f
}

// location lets nginx serve the answer's bytes with these of its headers, or with all.
func (p *page) location(path string, names []string) location {
	l := location{path: path, contentType: string(p.answer.Header.ContentType()), body: p.answer.Body()}
	ours := []string{"Content-Type", "Content-Length", "Date", "Etag", "Connection", "Server"} // nginx writes its own
	for name, value := range p.answer.Header.All() {
		if names == nil && !slices.Contains(ours, string(name)) || slices.Contains(names, string(name)) {
			l.headers = append(l.headers, [2]string{string(name), string(value)})
		}
	}
	return l
}

var asset = regexp.MustCompile(`(?:src|href)="(/[^"]+\.(?:js|css|svg))"`)

// firstLoad fetches what a browser fetches at the first visit of the page: the page, and what it names.
func firstLoad(base string) ([]*page, error) {
	home, err := fetchPage(base, "/")
	if err != nil {
		return nil, err
	}
	all := []*page{home}
	html, err := home.answer.BodyUnbrotli()
	if err != nil {
		return nil, err
	}
	for _, found := range asset.FindAllSubmatch(html, -1) {
		path := string(found[1])
		if slices.ContainsFunc(all, func(p *page) bool { return p.path == path }) {
			continue
		}
		p, err := fetchPage(base, path)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func fetchPage(base, path string) (*page, error) {
	p := &page{path: path}
	request := fasthttp.AcquireRequest()
	defer fasthttp.ReleaseRequest(request)
	request.SetRequestURI(base + path)
	request.Header.Set("Accept-Encoding", "br")
	if err := fasthttp.DoTimeout(request, &p.answer, callPatience); err != nil {
		return nil, err
	}
	if p.answer.StatusCode() != 200 || !bytes.Equal(p.answer.Header.ContentEncoding(), []byte("br")) {
		return nil, fmt.Errorf("%s: got %d, coded %q, want 200 and brotli", path, p.answer.StatusCode(), p.answer.Header.ContentEncoding())
	}
	return p, nil
}

// measureFirstLoad counts the requests and the bytes of the first visit, headers too.
func measureFirstLoad(b *bench, _ string) (o outcome, err error) {
	s, err := b.serve(onSQLite, 1)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	load, err := firstLoad(s.Base)
	if err != nil {
		return o, err
	}
	bodies, heads := 0, 0
	for _, p := range load {
		bodies += len(p.answer.Body())
		heads += len(p.answer.Header.Header())
	}
	single := func(name, unit string, value float64, g goal) row {
		return row{Name: name, Unit: unit, Own: summary{value, value, value}, Goal: g}
	}
	o.Rows = []row{
		single("first load, brotli", "KB", float64(bodies)/1000, atMost(30)),
		single("its requests", "", float64(len(load)), atMost(4)),
		single("its response headers", "KB", float64(heads)/1000, goal{}),
	}
	return o, nil
}
