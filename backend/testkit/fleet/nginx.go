package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// StartNginx starts nginx with an example from backend/deploy, but without TLS. servers maps the addresses in the example to the
// servers of the test. The Program that it returns has only a Base, the URL of nginx.
func (f *Fleet) StartNginx(example string, servers map[string]string) (*Program, error) {
	content, err := os.ReadFile(example)
	if err != nil {
		return nil, err
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	settings := string(content)
	replacements := map[string]string{
		"listen 443 ssl;":       fmt.Sprintf("listen 127.0.0.1:%d;", port),
		"ssl_certificate /":     "# /",
		"ssl_certificate_key /": "# /",
	}
	for from, to := range servers {
		replacements[from] = strings.TrimPrefix(to, "http://")
	}
	for from, to := range replacements {
		if !strings.Contains(settings, from) {
			return nil, fmt.Errorf("%s does not contain %q", example, from)
		}
		settings = strings.ReplaceAll(settings, from, to)
	}
	folder := filepath.Join(f.folder, "nginx")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	config := "daemon off;\nmaster_process off;\npid pid;\nerror_log stderr;\nevents { worker_connections 1024; }\nhttp {\naccess_log off;\ninclude settings;\n"
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		config += name + "_temp_path " + filepath.Join(folder, name) + ";\n"
	}
	for name, content := range map[string]string{"settings": settings, "nginx.conf": config + "}\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	program, err := find("nginx")
	if err != nil {
		return nil, err
	}
	p := &Program{Base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	p.Process = f.add("nginx", program, []string{"-p", folder, "-c", "nginx.conf", "-e", "stderr"}, func() error { return dials(port) })
	return p, p.Start()
}
