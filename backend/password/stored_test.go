package password

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// kana is a password of 34 characters and 100 bytes.
var kana = strings.Repeat("会員パスワード９", 4) + "éü"

const plain = "Kt7v-Rm2q/Bx"

// otherSystems are hashes of other programs: libxcrypt (crypt), OpenSSL (PBKDF2 and scrypt), and the reference
// implementation of Argon2 (its test vectors).
var otherSystems = []struct{ password, encoded, scheme string }{
	{"password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "argon2id$v=19$m=256,t=2,p=1"},
	{"password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", "argon2i$v=19$m=256,t=2,p=1"},
	{plain, "$2a$05$abcdefghijklmnopqrstuu5TkN/2agzL3bHYaAfIE46TvXIJ17gka", "bcrypt$2a$05"},
	{plain, "$2b$04$./ABCDEFGHIJKLMNOPQRSO3/yKlH5hwwvr3xDKiLSVPTILZr7G7eC", "bcrypt$2b$04"},
	{plain, "$2y$04$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa", "bcrypt$2y$04"},
	{kana, "$2b$04$abcdefghijklmnopqrstuuIInIp9XUt5659pYQyHICBz65iPu7JJW", "bcrypt$2b$04"},
	{plain, "$scrypt$ln=4,r=8,p=2$MDEyMzQ1Njc4OWFiY2RlZg$csAemEKZBzlmtR4GYv1ta9xQjv5RvbtBgXplW+RCJhY", "scrypt$ln=4,r=8,p=2"},
	{plain, "$pbkdf2-sha1$i=1000,l=20$MDEyMzQ1Njc4OWFiY2RlZg$rSubbF10pzMyoXYpa87BsAEv+rs", "pbkdf2-sha1$i=1000,l=20"},
	{plain, "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz4", "pbkdf2-sha256$i=1000,l=32"},
	{plain, "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz7GuY61K/RpchkIoytJc5ki", "pbkdf2-sha256$i=1000,l=48"},
	{plain, "$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$Udg7fEi/YQP4qbqnrYW8J8PiipipTX/pTh/i9O/rW6Fo1pnhpHP3d/s7FVsWlpJKYjyEZpshL32hPr8ZZmt8jA", "pbkdf2-sha512$i=1000,l=64"},
	{plain, "$pbkdf2$1000$.v8E.v8E.v8E.v8E$ERGhKsPb/KNrSjr.VIiZBopIimc", "pbkdf2-sha1$i=1000,l=20"},
	{plain, "$5$saltstring$q2QVydi7X.Jt3zUOaIxpnzlIJp4Mtdo27cPbkW3PC/D", "sha256-crypt$rounds=5000,salt=10"},
	{plain, "$5$rounds=1400$anotherlongsalts$HXAx4BrY38Aew/Gk3ZGA4WAOmASJUePuY6jc6e4RhD7", "sha256-crypt$rounds=1400,salt=16"},
	{plain, "$6$saltstring$hHsz8LSQtf0uOMXK1HCqTqYanR6XsJYE.1lI3PJREnxHJ5PQS5ioMCZbGjd2pKewSlrrMrG1Vpe1DgoWzqaZe.", "sha512-crypt$rounds=5000,salt=10"},
	{plain, "$6$$aSi35UAsmt0n/gPGKp.d5Uv0eG6/sQXF/dPHPUyZQxqH.7wz6qVgE7ACjOV5ejfKXY6iJhJjlkkWp8R7uerfk/", "sha512-crypt$rounds=5000,salt=0"},
	{kana, "$6$rounds=1000$saltstring$uU07vOHjDJx8xTthBiw9Qcq7D0.Dlun8E84xaSUoUPun7k4PlpUnIOZwfP8CiO4Hb9TIpbd6.vl9NmXfwlQn21", "sha512-crypt$rounds=1000,salt=10"},
	{plain, "$1$$giXKsz.NPomhiPxGe0EK..", "md5-crypt$salt=0"},
	{plain, "$1$abcd0123$rYgkij0dsWbxFptU1OIer1", "md5-crypt$salt=8"},
	{kana, "$1$saltsalt$h8o.WRvfPB3kX3h0KJVPu.", "md5-crypt$salt=8"},
}

var cheap = Params{MemoryKiB: 8, Iterations: 1, Parallelism: 1}

func cheapHasher() *Hasher { return NewHasher(cheap, 2, time.Minute) }

func TestHashesOfOtherSystemsAreVerified(t *testing.T) {
	hasher := cheapHasher()
	for _, h := range otherSystems {
		if got := Scheme(h.encoded); got != h.scheme {
			t.Errorf("%s: got scheme %q, want %q", h.encoded, got, h.scheme)
		}
		for text, want := range map[string]bool{
			h.password: true, h.password + "x": false, "x" + h.password: false, strings.ToUpper(h.password): false,
			h.password[:len(h.password)-1]: false, "": false, h.password + strings.Repeat("x", 4000): false, "\x00": false,
		} {
			if h.password == kana && strings.HasPrefix(h.encoded, "$2") && strings.HasPrefix(text, kana[:72]) {
				continue // beyond byte 72, see TestBcryptReads72Bytes
			}
			got, err := hasher.Verify(t.Context(), SignInLane, NewPlain(text), h.encoded)
			if err != nil || got != want {
				t.Errorf("%s, password of %d bytes: got %v, %v, want %v", h.encoded, len(text), got, err, want)
			}
		}
	}
}

func TestBcryptReads72Bytes(t *testing.T) {
	const encoded = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe"
	full := strings.Repeat("a", 72)
	for text, want := range map[string]bool{full: true, full + "bcd": true, full + "\x00": true, full[1:]: false, full[1:] + "b": false} {
		got, err := cheapHasher().Verify(t.Context(), SignInLane, NewPlain(text), encoded)
		if err != nil || got != want {
			t.Errorf("%d bytes: got %v, %v, want %v", len(text), got, err, want)
		}
	}
}

// unusable returns hashes that cannot be verified, with the error for each.
func unusable() map[string]error {
	long := strings.Repeat("a", maxEncoded)
	return map[string]error{
		"":                                 ErrScheme,
		"secret":                           ErrScheme,
		"$":                                ErrScheme,
		"$$":                               ErrScheme,
		"{SSHA}abcd":                       ErrScheme,
		"5f4dcc3b5aa765d61d8327deb882cf99": ErrScheme,
		"$2x$04$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa":                        ErrScheme,
		"$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4": ErrScheme,
		"$y$j9T$salt$digest": ErrScheme,
		"$argon2id$" + long:  ErrForm,
		"$argon2id$":         ErrForm,
		"$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                  ErrForm,
		"$argon2id$v=19$t=2,m=256,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                  ErrForm,
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$":                                                             ErrForm,
		"$argon2id$v=19$m=256,t=2,p=1$$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                             ErrForm,
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$AAAA":                                                         ErrForm,
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ\n$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                ErrForm,
		"$argon2id$v=19$m=+256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                 ErrForm,
		"$argon2id$v=19$m=0256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                 ErrForm,
		"$argon2id$v=19$m=262145,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":               ErrCost,
		"$argon2id$v=19$m=4294967552,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":           ErrCost,
		"$argon2id$v=19$m=99999999999999999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4": ErrCost,
		"$argon2id$v=19$m=256,t=17,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                 ErrCost,
		"$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                  ErrCost,
		"$argon2id$v=19$m=256,t=2,p=257$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                ErrCost,
		"$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                  ErrCost,
		"$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":                    ErrCost,
		"$2b$15$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa":                                          ErrCost,
		"$2b$31$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa":                                          ErrCost,
		"$2b$03$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa":                                          ErrCost,
		"$2b$4$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa":                                           ErrForm,
		"$2b$04$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdp":                                           ErrForm,
		"$2b$04$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHd!a":                                          ErrForm,
		"$scrypt$ln=21,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$csAemEKZBzlmtR4GYv1ta9xQjv5RvbtBgXplW+RCJhY":              ErrCost,
		"$scrypt$ln=20,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$csAemEKZBzlmtR4GYv1ta9xQjv5RvbtBgXplW+RCJhY":              ErrCost,
		"$scrypt$ln=18,r=8,p=5$MDEyMzQ1Njc4OWFiY2RlZg$csAemEKZBzlmtR4GYv1ta9xQjv5RvbtBgXplW+RCJhY":              ErrCost,
		"$scrypt$ln=0,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$csAemEKZBzlmtR4GYv1ta9xQjv5RvbtBgXplW+RCJhY":               ErrCost,
		"$scrypt$ln=4,r=8$MDEyMzQ1Njc4OWFiY2RlZg$csAemEKZBzlmtR4GYv1ta9xQjv5RvbtBgXplW+RCJhY":                   ErrForm,
		"$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg":                                                           ErrForm,
		"$pbkdf2-sha256$i=2000001,l=32$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz4":      ErrCost,
		"$pbkdf2-sha256$0$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz4":                   ErrCost,
		"$pbkdf2-sha256$i=1000,l=31$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz4":         ErrForm,
		"$pbkdf2-md5$1000$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz4":                   ErrScheme,
		"$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg":                                                            ErrForm,
		"$5$rounds=999$saltstring$q2QVydi7X.Jt3zUOaIxpnzlIJp4Mtdo27cPbkW3PC/D":                                  ErrCost,
		"$5$rounds=1000001$saltstring$q2QVydi7X.Jt3zUOaIxpnzlIJp4Mtdo27cPbkW3PC/D":                              ErrCost,
		"$5$iterations=5000$saltstring$q2QVydi7X.Jt3zUOaIxpnzlIJp4Mtdo27cPbkW3PC/D":                             ErrForm,
		"$5$saltstringsaltstr$q2QVydi7X.Jt3zUOaIxpnzlIJp4Mtdo27cPbkW3PC/D":                                      ErrForm,
		"$6$saltstring$q2QVydi7X.Jt3zUOaIxpnzlIJp4Mtdo27cPbkW3PC/D":                                             ErrForm,
		"$5$salt string$q2QVydi7X.Jt3zUOaIxpnzlIJp4Mtdo27cPbkW3PC/D":                                            ErrForm,
		"$1$abcd01234$rYgkij0dsWbxFptU1OIer1":                                                                   ErrForm,
		"$1$abcd0123$rYgkij0dsWbxFptU1OIer":                                                                     ErrForm,
		"$1$abcd0123":                                                                                           ErrForm,
	}
}

func TestAnUnusableHashIsRefusedWithItsReason(t *testing.T) {
	for encoded, want := range unusable() {
		if err := Usable(encoded); !errors.Is(err, want) {
			t.Errorf("%.80s: got %v, want %v", encoded, err, want)
		}
		if got := Scheme(encoded); got != "" {
			t.Errorf("%.80s: got scheme %q, want none", encoded, got)
		}
		if got, err := cheapHasher().Verify(t.Context(), SignInLane, NewPlain(""), encoded); got || !errors.Is(err, want) {
			t.Errorf("%.80s: got %v, %v, want %v", encoded, got, err, want)
		}
	}
}

// An error must not hold the hash's beginning or any seven characters of it. The names of the schemes are shorter.
func TestAnErrorRepeatsNothingOfTheHash(t *testing.T) {
	const quote = 7
	for encoded := range unusable() {
		_, err := cheapHasher().Verify(t.Context(), SignInLane, NewPlain("secret"), encoded)
		if err == nil {
			t.Errorf("%.80s: no error", encoded)
			continue
		}
		parts := []string{encoded[:min(len(encoded), 4)]}
		for i := range max(0, len(encoded)-quote+1) {
			parts = append(parts, encoded[i:i+quote])
		}
		for _, part := range parts {
			if len(part) > 2 && strings.Contains(err.Error(), part) {
				t.Errorf("%.80s: %q repeats %q", encoded, err, part)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	for _, h := range otherSystems {
		f.Add(h.password, h.encoded)
	}
	f.Add("", "")
	f.Add(strings.Repeat("\x00", 200), "$2b$04$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa")
	hasher := cheapHasher()
	f.Fuzz(func(t *testing.T, text, encoded string) {
		unusable := Usable(encoded)
		if (Scheme(encoded) == "") != (unusable != nil) {
			t.Errorf("%q: scheme %q, but %v", encoded, Scheme(encoded), unusable)
		}
		if unusable != nil && !errors.Is(unusable, ErrScheme) && !errors.Is(unusable, ErrForm) && !errors.Is(unusable, ErrCost) {
			t.Errorf("%q: %v", encoded, unusable)
		}
		if unusable == nil && isExpensive(encoded) {
			return // bounded, but too slow to fuzz
		}
		matched, err := hasher.Verify(t.Context(), SignInLane, NewPlain(text), encoded)
		if (err != nil) != (unusable != nil) || matched && (err != nil || text == "") {
			t.Errorf("%q with %q: %v, %v; %v", encoded, text, matched, err, unusable)
		}
	})
}

// isExpensive reports whether verifying the hash takes more than some milliseconds.
func isExpensive(encoded string) bool {
	switch h, _ := parse(encoded); h := h.(type) {
	case argon2Hash:
		return h.params.MemoryKiB*h.params.Iterations > 4096
	case bcryptHash:
		return h.cost > "05"
	case scryptHash:
		return h.r*h.p<<h.ln > 4096
	case pbkdf2Hash:
		return h.iterations > 2000
	case shaCryptHash:
		return h.rounds > 5000
	}
	return false
}
