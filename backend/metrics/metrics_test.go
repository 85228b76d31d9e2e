package metrics_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/metrics"
	"aikagi/backend/recovery"
)

// scrape returns the text of /metrics.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if recorder.Code != 200 {
		t.Fatalf("got %d %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

// want checks that the metrics have these lines.
func want(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
}

func TestAValueOutsideItsClosedSetIsCountedAsOther(t *testing.T) {
	m := metrics.New([]string{"recoveries"})
	m.Redemption("taro1234")
	m.SignIn("taro1234")
	m.Disavowal("taro1234")
	m.PasswordSet("taro1234")
	m.Resolved("taro1234", 1)
	m.LetterEnded("taro1234", "taro1234", time.Second)
	m.Limited("taro1234")
	m.Request("GET", "/", 799, time.Second)
	for _, code := range []string{"taro1234", "", "25", "250 2.0.0", "2500", "999", "۲۵۰"} {
		m.Answered(code)
	}
	text := scrape(t, m)
	want(t, text,
		`aikagi_redemptions_total{result="other"} 1`, `aikagi_sign_ins_total{result="other"} 1`, `aikagi_disavowals_total{result="other"} 1`,
		`aikagi_passwords_set_total{way="other"} 1`, `aikagi_recoveries_total{outcome="other"} 1`, `aikagi_letters_total{kind="other",state="other"} 1`,
		`aikagi_rate_limited_total{limit="other"} 1`, `aikagi_smtp_answers_total{code="other"} 7`,
		`aikagi_http_requests_total{code="other",method="GET",route="/"} 1`)
	if strings.Contains(text, "taro1234") {
		t.Errorf("the metrics hold the unknown value:\n%s", text)
	}
}

func TestSeriesOfClosedSetsStartAtZero(t *testing.T) {
	text := scrape(t, metrics.New([]string{"recoveries"}))
	want(t, text, `aikagi_redemptions_total{result="expired"} 0`, `aikagi_letters_total{kind="former_address",state="failed"} 0`,
		`aikagi_rate_limited_total{limit="recoveries"} 0`, `aikagi_recoveries_total{outcome="too_many"} 0`)
}

func TestOnlyAnAcceptedLetterHasADeliveryTimeAndNoTimeIsNegative(t *testing.T) {
	m := metrics.New(nil)
	m.LetterEnded(recovery.TemporaryPasswordLetter, mail.Failed, time.Hour)
	m.LetterEnded(recovery.TemporaryPasswordLetter, mail.Dropped, time.Hour)
	m.LetterEnded(recovery.TemporaryPasswordLetter, mail.Accepted, -time.Hour)
	m.Dropped(2)
	want(t, scrape(t, m), `aikagi_letter_delivery_seconds_count{kind="temporary_password"} 1`,
		`aikagi_letter_delivery_seconds_sum{kind="temporary_password"} 0`, `aikagi_letters_total{kind="temporary_password",state="failed"} 1`,
		`aikagi_letters_total{kind="temporary_password",state="dropped"} 3`)
}

func TestAnAgeGrowsBetweenTwoUpdatesOfTheBacklog(t *testing.T) {
	m, now := metrics.New(nil), time.Date(2026, 4, 1, 9, 30, 0, 0, time.UTC)
	backlog := m.Backlog(func() time.Time { return now })
	want(t, scrape(t, m), `aikagi_recovery_oldest_unresolved_seconds 0`, `aikagi_letter_oldest_waiting_seconds{kind="temporary_password"} 0`)
	backlog.Set(metrics.Waiting{Count: 3, Oldest: now.Add(-time.Second)}, map[recovery.LetterKind]metrics.Waiting{
		recovery.TemporaryPasswordLetter: {Count: 2, Oldest: now.Add(-time.Minute)},
	})
	now = now.Add(10 * time.Second)
	want(t, scrape(t, m), `aikagi_recoveries_unresolved 3`, `aikagi_recovery_oldest_unresolved_seconds 11`,
		`aikagi_letters_waiting{kind="temporary_password"} 2`, `aikagi_letter_oldest_waiting_seconds{kind="temporary_password"} 70`,
		`aikagi_letters_waiting{kind="password_changed"} 0`)
}

func TestGaugesOfDurationsAreInSeconds(t *testing.T) {
	m := metrics.New(nil)
	m.Certificate(func() time.Duration { return -36 * time.Hour })
	m.Clock(func() time.Duration { return 1500 * time.Millisecond })
	m.Dependency("database", func() bool { return true })
	m.Dependency("redis", func() bool { return false })
	want(t, scrape(t, m), `aikagi_certificate_expires_seconds -129600`, `aikagi_database_clock_offset_seconds 1.5`,
		`aikagi_dependency_up{name="database"} 1`, `aikagi_dependency_up{name="redis"} 0`)
}
