package mail

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aikagi/backend/recovery"
)

// opendkim verifies letters with OpenDKIM, which shares no code with the library that signs.
type opendkim struct{ dir, resolver, program string }

func newOpenDKIM(t *testing.T) opendkim {
	t.Helper()
	dir := t.TempDir()
	resolver := filepath.Join(dir, "records.so")
	compile := exec.CommandContext(t.Context(), "gcc", "-shared", "-fPIC", "-o", resolver, "testdata/opendkim/records.c")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	program, err := exec.LookPath("opendkim-testmsg")
	if err != nil {
		program = "/usr/sbin/opendkim-testmsg" // a folder that Debian has in root's PATH only
	}
	return opendkim{dir, resolver, program}
}

// judge returns the output of opendkim-testmsg, and an error if it finds no valid signature.
func (o opendkim) judge(t *testing.T, keys signing, letter string) (string, error) {
	t.Helper()
	var records strings.Builder
	for name := range keys {
		records.WriteString(name + " " + keys.record(t, name) + "\n")
	}
	path := filepath.Join(o.dir, "records")
	if err := os.WriteFile(path, []byte(records.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	judge := exec.CommandContext(t.Context(), o.program, "-C", "-t", o.dir)
	judge.Env = append(os.Environ(), "LD_PRELOAD="+o.resolver, "AIKAGI_TEST_RECORDS="+path)
	judge.Stdin = strings.NewReader(letter)
	out, err := judge.CombinedOutput()
	return string(out), err
}

func TestOpenDKIMFindsEachSignatureGood(t *testing.T) {
	o, keys := newOpenDKIM(t), newSigning(t)
	letter := keys.sign(t, write(t, exampleBrand, example(recovery.TemporaryPasswordLetter, recovery.Japanese)))
	for name, published := range map[string]signing{"RSA": keys.published(rsaRecord), "Ed25519": keys.published(edRecord), "both": keys} {
		alone := published.sign(t, write(t, exampleBrand, example(recovery.TemporaryPasswordLetter, recovery.English)))
		for _, letter := range []string{letter, alone} {
			if said, err := o.judge(t, published, letter); err != nil {
				t.Errorf("%s: got %v, %s", name, err, said)
			}
		}
	}
	for name, changed := range map[string]string{
		"another Subject": "Subject: another\r\n" + letter, "another From": "From: thief@example.org\r\n" + letter, "a longer body": letter + "more\r\n",
	} {
		if said, err := o.judge(t, keys, changed); err == nil {
			t.Errorf("%s: got a good signature, %s", name, said)
		}
	}
	if said, err := o.judge(t, signing{}, letter); err == nil {
		t.Errorf("without the records: got a good signature, %s", said)
	}
	if said, err := o.judge(t, newSigning(t), letter); err == nil {
		t.Errorf("with the records of other keys: got a good signature, %s", said)
	}
}
