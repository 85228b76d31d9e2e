package cli

import (
	"maps"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

// The closed sets of labels, and the types of the metrics.
var (
	results = map[string][]string{
		"aikagi_redemptions_total/result": {"redeemed", "wrong", "expired", "used", "guesses"},
		"aikagi_sign_ins_total/result":    {"signed_in", "rejected", "throttled", "busy"},
		"aikagi_disavowals_total/result":  {"done", "ended"},
		"aikagi_passwords_set_total/way":  {"recovery", "member_page"},
		"aikagi_recoveries_total/outcome": {"letter", "too_soon", "too_many", "unknown_login_id", "address_differs", "suspended"},
		"aikagi_letters_total/kind":       {"temporary_password", "password_changed", "new_address", "former_address", "password_voided"},
		"aikagi_letters_total/state":      {"accepted", "failed", "dropped"},
		"aikagi_rate_limited_total/limit": {
			"recoveries", "sign_ins", "redemptions", "letters_of_a_recovery", "redemptions_of_a_recovery", "sign_ins_of_a_login_id",
			"sign_ins_of_a_login_id_long", "sign_ins_of_a_device", "sign_ins_of_a_device_long",
		},
		"aikagi_password_hash_waiting/lane": {"members", "sign_ins"},
		"aikagi_unknown_keys_total/use":     {"ask", "redemption"},
		"aikagi_dependency_up/name":         {"database", "redis", "smtp"},
		"aikagi_http_requests_total/method": {"GET", "HEAD", "POST", "PUT", "DELETE", "other"},
		"aikagi_http_requests_total/route": {
			"/api/site", "/api/recoveries", "/api/recoveries/{id}", "/api/recoveries/{id}/letter", "/api/recoveries/{id}/redemption",
			"/api/recoveries/{id}/password", "/api/disavowals", "/api/session", "/api/sessions", "/api/member", "/api/member/password",
			"/livez", "/readyz", "/metrics", "/debug/pprof/cmdline", "/", "other",
		},
	}
	metricTypes = map[string]string{
		"http_requests_total": "counter", "http_request_duration_seconds": "histogram", "recoveries_total": "counter",
		"recoveries_unresolved": "gauge", "recovery_oldest_unresolved_seconds": "gauge", "redemptions_total": "counter", "sign_ins_total": "counter",
		"disavowals_total": "counter", "passwords_set_total": "counter", "letters_total": "counter", "letters_waiting": "gauge",
		"letter_oldest_waiting_seconds": "gauge", "letter_delivery_seconds": "histogram", "smtp_answers_total": "counter",
		"rate_limited_total": "counter", "password_hash_waiting": "gauge", "password_hash_duration_seconds": "histogram", "sessions_open": "gauge",
		"unknown_keys_total": "counter", "dependency_up": "gauge", "database_clock_offset_seconds": "gauge", "build_info": "gauge",
	}
)

// closedSet returns whether a value is in the closed set of a label.
func closedSet(metric, label string) func(string) bool {
	switch label {
	case "code":
		reply := regexp.MustCompile(`^[1-5][0-9]{2}$|^lost$|^unreachable$`)
		return reply.MatchString
	case "version", "revision", "go_version":
		return func(string) bool { return metric == "aikagi_build_info" }
	case "route":
		metric = "aikagi_http_requests_total"
	case "kind":
		metric = "aikagi_letters_total"
	}
	return func(value string) bool { return slices.Contains(results[metric+"/"+label], value) }
}

// walkWithAttacks does everything that is counted, and sends every text that could get into a label.
func (s *site) walkWithAttacks() {
	s.t.Helper()
	b := s.browser()
	b.want(401, "POST", "/api/session", "login_id", taro, "password", newPassword)
	b.want(401, "POST", "/api/session", "login_id", "evil-login", "password", newPassword)
	path := b.ask(taro, taroAddress)
	b.ask("evil-login", taroAddress)
	b.ask(taro, "evil@xxx.mm-m.ne.jp")
	b.ask(suspended, sleeping)
	secret := temporaryPassword(s.t, s.letters(1)[0])
	b.want(202, "POST", path+"/letter")
	b.want(422, "POST", path+"/redemption", "temporary_password", "evil-guess")
	b.want(200, "POST", path+"/redemption", "temporary_password", secret)
	b.want(410, "POST", path+"/redemption", "temporary_password", secret)
	for range 4 {
		b.want(422, "POST", path+"/redemption", "temporary_password", "evil-guess")
	}
	b.want(410, "POST", path+"/redemption", "temporary_password", secret)
	b.want(422, "PUT", path+"/password", "new_password", "short")
	b.want(204, "PUT", path+"/password", "new_password", newPassword)
	b.want(200, "POST", "/api/session", "login_id", taro, "password", newPassword)
	b.want(204, "PUT", "/api/member/password", "current_password", newPassword, "new_password", "Third-pass5")
	_, token := disavowal(s.t, s.letters(3)[0])
	b.want(204, "POST", "/api/disavowals", "token", token)
	b.want(410, "POST", "/api/disavowals", "token", token)

	b.want(404, "GET", "/evil-path/"+secret)
	b.want(404, "GET", "/api/recoveries/EVILEVILEVILEVILEVILEVIL22")
	b.want(404, "POST", "/api/recoveries/evil-id/redemption", "temporary_password", secret)
	for _, evil := range []sent{
		{method: "EVIL", path: "/api/session"},
		{method: "POST", path: "/api/session", contentType: "evil/type"},
		{method: "GET", path: "/", host: "evil-host.example"},
		{method: "GET", path: "/", header: http.Header{"X-Evil": {strings.Repeat("e", 20<<10)}}},
		{method: "POST", path: "/api/session", body: strings.Repeat("evil", 4<<10)},
		{method: "GET", path: "/api/site", header: http.Header{"X-Forwarded-For": {"evil-client, 192.0.2.77"}}},
	} {
		b.send(evil)
	}
	stranger := s.browser()
	for range 10 {
		stranger.call("POST", "/api/session", "login_id", "evil-target", "password", "evil-pass")
	}
	stranger.want(429, "POST", "/api/session", "login_id", "evil-target", "password", "evil-pass")
	s.operations().call("GET", "/evil-operations?evil=1")
	s.operations().want(200, "GET", "/debug/pprof/cmdline")
}

func TestTheMetricsCountAWholeRecoveryWithLabelsFromClosedSetsOnly(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		s.walkWithAttacks()
		s.wantMetrics(map[string]float64{
			`aikagi_recoveries_total{outcome="letter"}`:                                    1,
			`aikagi_recoveries_total{outcome="too_soon"}`:                                  1,
			`aikagi_recoveries_total{outcome="unknown_login_id"}`:                          1,
			`aikagi_recoveries_total{outcome="address_differs"}`:                           1,
			`aikagi_recoveries_total{outcome="suspended"}`:                                 1,
			`aikagi_recoveries_total{outcome="too_many"}`:                                  0,
			`aikagi_redemptions_total{result="redeemed"}`:                                  1,
			`aikagi_redemptions_total{result="wrong"}`:                                     5,
			`aikagi_redemptions_total{result="used"}`:                                      1,
			`aikagi_redemptions_total{result="guesses"}`:                                   1,
			`aikagi_redemptions_total{result="expired"}`:                                   0,
			`aikagi_sign_ins_total{result="signed_in"}`:                                    1,
			`aikagi_sign_ins_total{result="rejected"}`:                                     12,
			`aikagi_sign_ins_total{result="throttled"}`:                                    1,
			`aikagi_disavowals_total{result="done"}`:                                       1,
			`aikagi_disavowals_total{result="ended"}`:                                      1,
			`aikagi_passwords_set_total{way="recovery"}`:                                   1,
			`aikagi_passwords_set_total{way="member_page"}`:                                1,
			`aikagi_letters_total{kind="temporary_password",state="accepted"}`:             1,
			`aikagi_letters_total{kind="password_changed",state="accepted"}`:               2,
			`aikagi_letter_delivery_seconds_count{kind="temporary_password"}`:              1,
			`aikagi_letter_delivery_seconds_count{kind="password_changed"}`:                2,
			`aikagi_smtp_answers_total{code="250"}`:                                        3,
			`aikagi_rate_limited_total{limit="sign_ins_of_a_login_id"}`:                    1,
			`aikagi_rate_limited_total{limit="recoveries"}`:                                0,
			`aikagi_http_requests_total{code="202",method="POST",route="/api/recoveries"}`: 4,
			`aikagi_http_requests_total{code="431",method="other",route="other"}`:          1,
			`aikagi_http_requests_total{code="405",method="other",route="other"}`:          1, // EVIL
			`aikagi_recoveries_unresolved`:                                                 0,
			`aikagi_letters_waiting{kind="temporary_password"}`:                            0,
			`aikagi_dependency_up{name="database"}`:                                        1,
			`aikagi_dependency_up{name="smtp"}`:                                            1,
		})
		got := s.scrape()
		wanted := maps.Clone(metricTypes)
		if s.server.redis != nil {
			delete(wanted, "sessions_open")
		}
		found := map[string]string{}
		for name, kind := range got.types {
			found[strings.TrimPrefix(name, "aikagi_")] = kind
			for label, values := range got.labels[name] {
				isKnown := closedSet(name, label)
				for _, value := range values {
					if !isKnown(value) {
						t.Errorf("%s has %s=%q, which is in no closed set", name, label, value)
					}
				}
			}
		}
		if !maps.Equal(found, wanted) {
			t.Errorf("got metrics %v, want %v", found, wanted)
		}
		for _, private := range []string{"evil", "Evil", taro, "192.0.2.77", "xxx.mm-m"} {
			if strings.Contains(got.text, private) {
				t.Errorf("the metrics hold %q", private)
			}
		}
		for _, theirs := range []string{"go_goroutines", "process_resident_memory_bytes", "go_sql_open_connections{"} {
			if !strings.Contains(got.text, "\n"+theirs) {
				t.Errorf("the metrics lack %s", theirs)
			}
		}
		if open, is := got.values["aikagi_sessions_open"]; is && open != 1 {
			t.Errorf("got %v open sessions, want 1", open)
		}
		wantCleanForPromtool(t, got.text)
	})
}

// wantCleanForPromtool fails the test if Prometheus's linter finds something.
func wantCleanForPromtool(t *testing.T, text string) {
	t.Helper()
	check := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	check.Stdin = strings.NewReader(text)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

func TestLettersThatWaitForTheMailServerAreCountedWithTheirAge(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		s.mails.SetMode(sink.Mode{Refuse: 451, At: "rcpt"})
		s.browser().ask(taro, taroAddress)
		s.wantMetrics(map[string]float64{
			`aikagi_letters_waiting{kind="temporary_password"}`: 1, `aikagi_letters_waiting{kind="password_changed"}`: 0,
			`aikagi_letters_total{kind="temporary_password",state="accepted"}`: 0,
		})
		eventually(t, "a refusal and an age", func() bool {
			got := s.scrape().values
			return got[`aikagi_smtp_answers_total{code="451"}`] > 0 && got[`aikagi_letter_oldest_waiting_seconds{kind="temporary_password"}`] > 0
		})
		s.mails.SetMode(sink.Mode{})
		s.letters(1)
		s.wantMetrics(map[string]float64{
			`aikagi_letters_waiting{kind="temporary_password"}`: 0, `aikagi_letter_oldest_waiting_seconds{kind="temporary_password"}`: 0,
			`aikagi_letter_delivery_seconds_count{kind="temporary_password"}`: 1, `aikagi_smtp_answers_total{code="250"}`: 1,
		})
	})
}

func TestALetterThatMayNoLongerBeSentIsCountedAsDropped(t *testing.T) {
	t.Parallel()
	s := newSite(t, testkit.SQLite(t))
	s.mails.SetMode(sink.Mode{Refuse: 451, At: "rcpt"})
	s.browser().ask(taro, taroAddress)
	eventually(t, "a refusal", func() bool { return s.scrape().values[`aikagi_smtp_answers_total{code="451"}`] > 0 })
	s.command("members", "suspend", taro)
	s.wantMetrics(map[string]float64{
		`aikagi_letters_total{kind="temporary_password",state="dropped"}`: 1, `aikagi_letters_total{kind="temporary_password",state="accepted"}`: 0,
		`aikagi_letters_waiting{kind="temporary_password"}`: 0,
	})
}

func TestTheMetricsAreShownWhileNoDependencyAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t, testkit.SQLite(t), "AIKAGI_SMTP=smtp://"+silentServer(t), "AIKAGI_REDIS=redis://"+silentServer(t))
	for _, table := range []string{"recoveries", "letters", "goose_db_version"} {
		(&leaks{t: t}).exec(s.settings().Database, "ALTER TABLE "+table+" RENAME TO gone_"+table)
	}
	s.becomes(503, "database", "redis", "smtp")
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap"} {
		s.browser().want(404, "GET", path) // the public listener does not have it
	}
	s.wantMetrics(map[string]float64{
		`aikagi_dependency_up{name="database"}`: 0, `aikagi_dependency_up{name="redis"}`: 0, `aikagi_dependency_up{name="smtp"}`: 0,
		`aikagi_recoveries_unresolved`: 0,
	})
}

// An operator removed the old key too early: a temporary password of that key is still valid.
func TestAKeyThatIsMissingIsCountedInTheMetrics(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	path := s.browser().ask(taro, taroAddress)
	secret := temporaryPassword(t, s.letters(1)[0])
	s.stop()
	other, err := recovery.GenerateKey("other")
	if err != nil {
		t.Fatal(err)
	}
	s.environ = append(s.environ, "AIKAGI_KEYS="+other.Reveal())
	s.start()
	s.browser().want(422, "POST", path+"/redemption", "temporary_password", secret)
	s.wantMetrics(map[string]float64{`aikagi_unknown_keys_total{use="redemption"}`: 1, `aikagi_unknown_keys_total{use="ask"}`: 0})
}
