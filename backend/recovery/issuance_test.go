package recovery

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func after(d time.Duration) *time.Time {
	at := noon.Add(d)
	return &at
}

func TestAnIssuanceLivesUnderItsVersionUntilItIsUsedEndedOrRunsOut(t *testing.T) {
	const version = 3
	for name, each := range map[string]struct {
		issuance Issuance
		want     bool
	}{
		"not mailed yet":                  {Issuance{}, true},
		"not mailed, past its expiry":     {Issuance{ExpiresAt: after(-time.Hour)}, true},
		"mailed, without an expiry":       {Issuance{FirstMailedAt: after(-time.Hour)}, true},
		"mailed, before its expiry":       {Issuance{FirstMailedAt: after(-time.Hour), ExpiresAt: after(time.Microsecond)}, true},
		"mailed, at its expiry":           {Issuance{FirstMailedAt: after(-time.Hour), ExpiresAt: after(0)}, false},
		"used":                            {Issuance{UsedAt: after(0)}, false},
		"ended":                           {Issuance{EndedAt: after(0)}, false},
		"of an older version, not mailed": {Issuance{PasswordVersion: version - 1}, false},
	} {
		if each.issuance.PasswordVersion == 0 {
			each.issuance.PasswordVersion = version
		}
		if got := each.issuance.Lives(version, noon); got != each.want {
			t.Errorf("%s: got %v, want %v", name, got, each.want)
		}
	}
}

func TestAnExpiryIsRenewedUntilTwoHoursAfterTheFirstMail(t *testing.T) {
	stated := after(10 * time.Minute)
	for name, each := range map[string]struct {
		issuance Issuance
		want     time.Time
	}{
		"never mailed":                       {Issuance{}, noon.Add(time.Hour)},
		"never mailed, an expiry was stated": {Issuance{ExpiresAt: stated}, noon.Add(time.Hour)},
		"mailed, no expiry was stated":       {Issuance{FirstMailedAt: after(-3 * time.Hour)}, noon.Add(time.Hour)},
		"just before two hours":              {Issuance{FirstMailedAt: after(-2*time.Hour + time.Microsecond), ExpiresAt: stated}, noon.Add(time.Hour)},
		"after two hours":                    {Issuance{FirstMailedAt: after(-2 * time.Hour), ExpiresAt: stated}, *stated},
	} {
		if got := each.issuance.ExpiryIfMailed(noon, time.Hour); !got.Equal(each.want) {
			t.Errorf("%s: got %s, want %s", name, got, each.want)
		}
	}
}
