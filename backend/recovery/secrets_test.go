package recovery_test

import (
	"strings"
	"testing"

	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// Other programs have logged secrets when they logged the values that hold them: Ory Kratos (#3126), traQ (CVE-2025-57813) and
// Coder (CVE-2025-66411).
func TestNoSecretOfThePackagePrints(t *testing.T) {
	secret := []byte("a key that must not be printed .....")
	key, err := recovery.NewKey("one", secret)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := recovery.NewRing(key)
	if err != nil {
		t.Fatal(err)
	}
	_, encoded, _ := strings.Cut(key.Reveal(), ":")
	dummies, devices := ring.DummyKey(), ring.DeviceKeys()[0]
	issued := ring.TemporaryPassword("one", 1, "issuance").Reveal()
	for name, check := range map[string]func(t *testing.T){
		"a temporary password": func(t *testing.T) {
			testkit.WantUnprintable(t, ring.TemporaryPassword("one", 1, "issuance"), issued)
			testkit.WantUnprintable(t, recovery.NewTemporaryPassword(issued), issued)
		},
		"a grant": func(t *testing.T) { testkit.WantUnprintable(t, recovery.NewGrant("GRANTGRANT"), "GRANTGRANT") },
		"a key":   func(t *testing.T) { testkit.WantUnprintable(t, key, string(secret), encoded) },
		"the ring": func(t *testing.T) {
			secrets := append(ring.Subkeys("one"), string(secret), encoded, string(dummies[:]), string(devices[:]))
			testkit.WantUnprintable(t, ring, secrets...)
			testkit.WantUnprintable(t, *ring, secrets...)
		},
	} {
		t.Run(name, check)
	}
	if (recovery.TemporaryPassword{}).Reveal()+(recovery.Grant{}).Reveal() != "" {
		t.Error("a zero value reveals something")
	}
}
