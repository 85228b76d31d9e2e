package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// document holds the parts of openapi.yaml that the tests read.
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

func parseOpenAPI(t *testing.T) document {
	t.Helper()
	var found document
	if err := yaml.Unmarshal(openAPI, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

var parameter = regexp.MustCompile(`:(\w+)`)

// operations returns the fields of the body by "METHOD /path".
func (d document) operations(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for path, item := range d.Paths {
		for method, operation := range item {
			if method != "parameters" {
				found[strings.ToUpper(method)+" "+path] = d.bodyOf(t, operation)
			}
		}
	}
	return found
}

// bodyOf returns the fields of the request's body in the form of joinFields, or "none".
func (d document) bodyOf(t *testing.T, operation any) string {
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
	fields := body.Content["application/json"].Schema
	if fields.Ref != "" {
		fields = d.Components.Schemas[strings.TrimPrefix(fields.Ref, "#/components/schemas/")]
	}
	var names []string
	for name := range fields.Properties {
		if !slices.Contains(fields.Required, name) {
			name += "?"
		}
		names = append(names, name)
	}
	return joinFields(names)
}

func joinFields(names []string) string {
	slices.Sort(names)
	return "{" + strings.Join(names, " ") + "}"
}

func TestTheRoutesAreThoseOfTheOpenAPIDocument(t *testing.T) {
	documented := parseOpenAPI(t).operations(t)
	built := map[string]string{}
	for _, r := range (&Server{}).apiRoutes() {
		body := "none"
		if r.body != nil {
			body = joinFields(slices.Clone(r.body))
		}
		built[r.method+" "+parameter.ReplaceAllString(r.path, "{$1}")] = body
	}
	for _, operation := range slices.Sorted(maps.Keys(built)) {
		if body, isDocumented := documented[operation]; !isDocumented {
			t.Errorf("%s is a route, but not in openapi.yaml", operation)
		} else if body != built[operation] {
			t.Errorf("%s reads the body %s, openapi.yaml has %s", operation, built[operation], body)
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(documented)) {
		if _, isBuilt := built[operation]; !isBuilt {
			t.Errorf("%s is in openapi.yaml, but no route", operation)
		}
	}
}

func TestTheCodesAreThoseOfTheOpenAPIDocument(t *testing.T) {
	documented := parseOpenAPI(t).Components.Schemas["Problem"].Properties["code"].Enum
	source, built := readSource(t, "problem.go"), []string{}
	for _, found := range regexp.MustCompile(`(?m)^\tcode\w+\s+= "(\w+)"`).FindAllStringSubmatch(source, -1) {
		built = append(built, found[1])
	}
	slices.Sort(documented)
	slices.Sort(built)
	if !slices.Equal(built, documented) {
		t.Errorf("got codes %v, openapi.yaml has %v", built, documented)
	}
}
