package web

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func recoveryPath(id, rest string) string { return "/api/recoveries/" + id + rest }

// Every route that reads a body refuses these requests, and changes nothing.
func TestAMalformedRequestIsRefused(t *testing.T) {
	h := start(t)
	for _, r := range h.apiRoutes() {
		if r.body == nil {
			continue
		}
		path := strings.ReplaceAll(r.path, ":id", waitingID)
		for name, bad := range badBodies(r.body) {
			bad.Name, bad.Method, bad.Path = fmt.Sprintf("%s %s %s", r.method, r.path, name), r.method, path
			run(t, h.base, []scenario{bad})
		}
	}
	if got, want := h.store.written(), 0; got != want {
		t.Errorf("got %d writes, want %d", got, want)
	}
}

// badBodies returns malformed requests to a route with these fields, by what is wrong.
func badBodies(names bodyFields) map[string]scenario {
	var fields []string
	for _, name := range names {
		if !strings.HasSuffix(name, "?") {
			fields = append(fields, fmt.Sprintf("%q:%q", name, "abcd"))
		}
	}
	valid := "{" + strings.Join(fields, ",") + "}"
	malformed := func(body string) scenario {
		return scenario{Body: body, Status: 400, Code: "malformed"}
	}
	ofType := func(header, value string) scenario {
		return scenario{Header: map[string]string{header: value}, Body: valid, Status: 415, Code: "not_json"}
	}
	bad := map[string]scenario{
		"without a body":       {Header: map[string]string{"Content-Type": "application/json"}, Status: 400, Code: "malformed"},
		"empty":                malformed(" "),
		"broken":               malformed(valid[:len(valid)-1]),
		"not an object":        malformed(`[` + valid + `]`),
		"null":                 malformed(`null`),
		"a string":             malformed(`"abcd"`),
		"trailing data":        malformed(valid + `{}`),
		"trailing comma":       malformed(strings.TrimSuffix(valid, "}") + `,}`),
		"unknown field":        malformed(strings.TrimSuffix(valid, "}") + comma(fields) + `"member_id":"1"}`),
		"empty name":           malformed(strings.TrimSuffix(valid, "}") + comma(fields) + `"":""}`),
		"question mark":        malformed(strings.TrimSuffix(valid, "}") + comma(fields) + `"language?":"ja"}`),
		"invalid UTF-8":        malformed(strings.TrimSuffix(valid, "}") + "\xff}"),
		"byte order mark":      malformed("\ufeff" + valid),
		"a comment":            malformed(valid + `// no`),
		"as text":              ofType("Content-Type", "text/plain"),
		"as a form":            ofType("Content-Type", "application/x-www-form-urlencoded"),
		"as a multipart form":  ofType("Content-Type", "multipart/form-data; boundary=x"),
		"as a kind of JSON":    ofType("Content-Type", "application/merge-patch+json"),
		"without a type":       ofType("Content-Type", ""),
		"two types":            ofType("Content-Type", "application/json, text/plain"),
		"another charset":      ofType("Content-Type", "application/json; charset=shift_jis"),
		"another parameter":    ofType("Content-Type", "application/json; version=2"),
		"compressed":           ofType("Content-Encoding", "gzip"),
		"over 8 KiB":           {Body: valid + strings.Repeat(" ", maxBody), Status: 413, Code: "too_large"},
		"far over 8 KiB":       {Body: valid + strings.Repeat(" ", 300<<10), Status: 413, Code: "too_large"},
		"from another site":    {Header: map[string]string{"Sec-Fetch-Site": "cross-site"}, Body: valid, Status: 403, Code: "cross_site"},
		"from another origin":  {Header: map[string]string{"Origin": "https://evil.example"}, Body: valid, Status: 403, Code: "cross_site"},
		"from a sandbox":       {Header: map[string]string{"Origin": "null"}, Body: valid, Status: 403, Code: "cross_site"},
		"other site, bad body": {Header: map[string]string{"Sec-Fetch-Site": "same-site"}, Body: "{", Status: 403, Code: "cross_site"},
	}
	if len(fields) > 0 {
		maps.Copy(bad, badFields(fields))
	}
	return bad
}

// comma returns the comma before one more field.
func comma(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return ","
}

// badFields returns requests whose first field is wrong.
func badFields(fields []string) map[string]scenario {
	name, _, _ := strings.Cut(fields[0], ":")
	rest := strings.Join(append([]string{""}, fields[1:]...), ",")
	bad := map[string]scenario{}
	add := func(what, first string) {
		body := "{" + strings.TrimPrefix(first+rest, ",") + "}"
		bad[what] = scenario{Body: body, Status: 400, Code: "malformed"}
	}
	add("missing", "")
	add("twice", fields[0]+","+fields[0])
	add("case-folded", strings.ToUpper(name)+`:"abcd"`)
	add("folded by Unicode", strings.Replace(name, "s", "ſ", 1)+`:"abcd","x":""`)
	for _, value := range []string{"7", "0", "-1.5e3", "true", "false", "null", "{}", `{"a":"b"}`, "[]", `["abcd"]`, `[["abcd"]]`} {
		add("as "+value, name+":"+value)
	}
	add("half a character", name+`:"\ud800"`)
	add("half a character and text", name+`:"\ud800\u0041"`)
	add("not UTF-8", name+":\"\xff\"")
	add("an overlong UTF-8", name+":\"\xc0\xaf\"")
	add("a raw line break", name+":\"a\nb\"")
	return bad
}
