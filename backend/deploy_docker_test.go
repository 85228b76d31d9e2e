package backend_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"aikagi/backend/config"
)

// This holds what compose.yaml says against the program. Whether Docker takes it, npm run lint finds out (tools/docker).
func TestTheComposedServersHaveSettingsThatTheProgramTakes(t *testing.T) {
	text, err := os.ReadFile("deploy/docker/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Image       string
			Build       struct{ Context, Dockerfile string }
			Environment map[string]string
			Command     []string
			DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
			Volumes     []string
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	needs := map[string]config.Needs{"aikagi": config.All(), "migrate": {Database: true}}
	for name, service := range file.Services {
		for other := range service.DependsOn {
			if _, found := file.Services[other]; !found {
				t.Errorf("%s depends on %s, which is no service", name, other)
			}
		}
		for _, volume := range service.Volumes {
			if source, _, _ := strings.Cut(volume, ":"); strings.HasPrefix(source, ".") {
				if _, err := os.Stat("deploy/docker/" + source); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if (service.Image == "") == (service.Build.Context == "") {
			t.Errorf("%s has both or neither of an image and a build", name)
		}
		need, ours := needs[name]
		if !ours {
			continue
		}
		var environ []string
		for setting, value := range service.Environment {
			environ = append(environ, setting+"="+value)
		}
		settings, err := config.Load(config.Args{Environ: environ, Needs: need})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, found := file.Services["mariadb"]; !found || !slices.Equal(settings.Database.Hosts, []string{"mariadb:3306"}) {
			t.Errorf("%s looks for the database at %v", name, settings.Database.Hosts)
		}
	}
	for name := range needs {
		if _, found := file.Services[name]; !found {
			t.Errorf("there is no service %s", name)
		}
	}
}
