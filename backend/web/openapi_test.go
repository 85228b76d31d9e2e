package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// document is what of openapi.yaml the tests compare.
type document struct {
	Paths      map[string]map[string]any
	Components struct {
		Schemas       map[string]schema
		RequestBodies map[string]requestBody `yaml:"requestBodies"`
	}
}

type requestBody struct {
	Ref     string `yaml:"$ref"`
	Content map[string]struct{ Schema schema }
}

type schema struct {
	Ref        string `yaml:"$ref"`
	Enum       []string
	Required   []string
	Properties map[string]schema
}

func readContract(t *testing.T) document {
	t.Helper()
	var found document
	if err := yaml.Unmarshal(contract, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

var parameter = regexp.MustCompile(`:(\w+)`)

// operations are "METHOD /path" with what the body takes.
func (d document) operations(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for path, item := range d.Paths {
		for method, operation := range item {
			if method != "parameters" {
				found[strings.ToUpper(method)+" "+path] = d.takes(t, operation)
			}
		}
	}
	return found
}

// takes writes a request's body as the route table does.
func (d document) takes(t *testing.T, operation any) string {
	t.Helper()
	text, err := yaml.Marshal(operation)
	if err != nil {
		t.Fatal(err)
	}
	var with struct {
		RequestBody *requestBody `yaml:"requestBody"`
	}
	if err := yaml.Unmarshal(text, &with); err != nil {
		t.Fatal(err)
	}
	if with.RequestBody == nil {
		return "none"
	}
	body := *with.RequestBody
	if body.Ref != "" {
		body = d.Components.RequestBodies[strings.TrimPrefix(body.Ref, "#/components/requestBodies/")]
	}
	taken := body.Content["application/json"].Schema
	if taken.Ref != "" {
		taken = d.Components.Schemas[strings.TrimPrefix(taken.Ref, "#/components/schemas/")]
	}
	var names []string
	for name := range taken.Properties {
		if !slices.Contains(taken.Required, name) {
			name += "?"
		}
		names = append(names, name)
	}
	return bodyOf(names)
}

func bodyOf(names []string) string {
	slices.Sort(names)
	return "{" + strings.Join(names, " ") + "}"
}

func TestTheRoutesAreThoseOfTheContract(t *testing.T) {
	written := readContract(t).operations(t)
	built := map[string]string{}
	for _, r := range (&Server{}).routes() {
		body := "none"
		if r.takes != nil {
			body = bodyOf(slices.Clone(r.takes))
		}
		built[r.method+" "+parameter.ReplaceAllString(r.path, "{$1}")] = body
	}
	for _, operation := range slices.Sorted(maps.Keys(built)) {
		if body, there := written[operation]; !there {
			t.Errorf("%s is built and not in openapi.yaml", operation)
		} else if body != built[operation] {
			t.Errorf("%s takes %s, openapi.yaml says %s", operation, built[operation], body)
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(written)) {
		if _, there := built[operation]; !there {
			t.Errorf("%s is in openapi.yaml and not built", operation)
		}
	}
}

func TestTheCodesAreThoseOfTheContract(t *testing.T) {
	written := readContract(t).Components.Schemas["Problem"].Properties["code"].Enum
	source, built := readSource(t, "problem.go"), []string{}
	for _, found := range regexp.MustCompile(`(?m)^\tcode\w+\s+= "(\w+)"`).FindAllStringSubmatch(source, -1) {
		built = append(built, found[1])
	}
	slices.Sort(written)
	slices.Sort(built)
	if !slices.Equal(built, written) {
		t.Errorf("got codes %v, openapi.yaml has %v", built, written)
	}
}
