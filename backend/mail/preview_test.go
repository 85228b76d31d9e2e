package mail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAPreviewHoldsEveryLetterInThreeForms(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "letters")
	paths, err := Preview(NewWriter(exampleBrand), dir, exampleNow)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, kind := range []string{"temporary_password", "password_changed", "new_address", "former_address"} {
		for _, language := range []string{"ja", "en"} {
			base := kind + "." + language
			want[base+".html"], want[base+".txt"], want[base+".eml"] = `<html lang="`+language, "help@example.jp", "From: \"IMS\" <support@example.jp>\r\n"
		}
	}
	if got := len(paths); got != len(want) {
		t.Errorf("got %d files, want %d", got, len(want))
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if mark := want[filepath.Base(path)]; mark == "" || !strings.Contains(string(content), mark) {
			t.Errorf("%s: got no %q", path, mark)
		}
	}
}

func TestAPreviewThatCannotBeWrittenSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Preview(NewWriter(exampleBrand), file, exampleNow); err == nil {
		t.Error("got no error for a folder that is a file")
	}
}
