package backend_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"aikagi/backend/mail"
	"aikagi/backend/metrics"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// rule is what of an alert rule the tests read.
type rule struct {
	Alert string
	Expr  string
}

func alertRules(t *testing.T) []rule {
	t.Helper()
	text, err := os.ReadFile("deploy/prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct{ Rules []rule }
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) == 0 {
		t.Fatal("alerts.yaml has no rules")
	}
	return file.Groups[0].Rules
}

func TestTheRunbookTellsOfEachAlert(t *testing.T) {
	var alerts []string
	for _, rule := range alertRules(t) {
		alerts = append(alerts, rule.Alert)
	}
	wantSections(t, runbook(t, "Alerts"), alerts)
}

func TestEachAlertHasATestOfItsOwnAndFiresWhenItShould(t *testing.T) {
	tests, err := os.ReadFile("deploy/prometheus/alerts_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range alertRules(t) {
		if !strings.Contains(string(tests), "  - name: "+rule.Alert+"\n") {
			t.Errorf("alerts_test.yaml has no test named %s", rule.Alert)
		}
	}
	for _, args := range [][]string{{"check", "rules", "--lint-fatal", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		promtool := exec.CommandContext(t.Context(), "promtool", args...)
		promtool.Dir = "deploy/prometheus"
		if out, err := promtool.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// everyMetric is a server's metrics with at least one series of each, as labels and their values by name.
func everyMetric(t *testing.T) map[string]map[string][]string {
	t.Helper()
	m := metrics.New([]string{"recoveries"})
	m.Build("1", "abc")
	for _, name := range []string{"database", "redis", "smtp"} {
		m.Dependency(name, func() bool { return true })
	}
	m.Backlog(time.Now)
	m.HashLanes(func(password.Lane) int { return 0 })
	m.Sessions(func() int { return 0 })
	m.Clock(func() time.Duration { return 0 })
	m.Certificate(func() time.Duration { return 0 })
	m.Answered("250")
	m.Request("POST", "/api/session", 200, time.Second)
	m.Hashed(time.Second)
	m.LetterEnded(recovery.TemporaryPasswordLetter, mail.Accepted, time.Second)
	pool, err := sql.Open("sqlite", testkit.SQLite(t).Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	m.Pool("write", pool)
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))

	all := map[string]map[string][]string{"up": {}}
	series := regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? `)
	label := regexp.MustCompile(`(\w+)="([^"]*)"`)
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		found := series.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		if all[found[1]] == nil {
			all[found[1]] = map[string][]string{}
		}
		for _, pair := range label.FindAllStringSubmatch(found[2], -1) {
			all[found[1]][pair[1]] = append(all[found[1]][pair[1]], pair[2])
		}
	}
	return all
}

// expressions are those of the alerts and of the dashboard.
func expressions(t *testing.T) (all []string) {
	t.Helper()
	for _, rule := range alertRules(t) {
		all = append(all, rule.Expr)
	}
	text, err := os.ReadFile("deploy/grafana/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			ID      int
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	ids := make(map[int]bool)
	for _, panel := range dashboard.Panels {
		if ids[panel.ID] || len(panel.Targets) == 0 {
			t.Errorf("the panel %d is there twice, or shows nothing", panel.ID)
		}
		ids[panel.ID] = true
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	return all
}

func TestAlertsAndDashboardNameMetricsLabelsAndValuesThatAreThere(t *testing.T) {
	known := everyMetric(t)
	// Prometheus adds these; the values of the others depend on what was asked.
	theirs := []string{"job", "instance"}
	open := []string{"code", "route", "method"}
	selector := regexp.MustCompile(`\b((?:aikagi|go|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?`)
	matcher := regexp.MustCompile(`(\w+)(=~|!~|!=|=)"([^"]*)"`)
	grouping := regexp.MustCompile(`\bby \(([^)]*)\)`)
	named := make(map[string]bool)
	for _, expression := range expressions(t) {
		labels := slices.Clone(theirs)
		plain := grouping.ReplaceAllString(expression, "")
		for _, found := range selector.FindAllStringSubmatch(plain, -1) {
			metric := known[found[1]]
			if metric == nil {
				t.Errorf("%s is no metric: %s", found[1], expression)
				continue
			}
			named[found[1]] = true
			for name := range metric {
				labels = append(labels, name)
			}
			for _, match := range matcher.FindAllStringSubmatch(found[2], -1) {
				label, value := match[1], match[3]
				if slices.Contains(theirs, label) {
					continue
				}
				values, has := metric[label]
				if !has {
					t.Errorf("%s has no label %s: %s", found[1], label, expression)
				}
				for one := range strings.SplitSeq(value, "|") {
					if !slices.Contains(open, label) && !slices.Contains(values, one) {
						t.Errorf("%s never has %s=%q: %s", found[1], label, one, expression)
					}
				}
			}
		}
		for _, found := range grouping.FindAllStringSubmatch(expression, -1) {
			for label := range strings.SplitSeq(found[1], ", ") {
				if !slices.Contains(labels, label) {
					t.Errorf("no metric here has the label %s: %s", label, expression)
				}
			}
		}
	}
	base := regexp.MustCompile(`_(bucket|sum|count)$`)
	for metric := range known {
		if strings.HasPrefix(metric, "aikagi_") && !slices.ContainsFunc([]string{"", "_bucket"}, func(end string) bool {
			return named[metric] || named[base.ReplaceAllString(metric, "")+end]
		}) {
			t.Errorf("neither an alert nor the dashboard shows %s", metric)
		}
	}
}
