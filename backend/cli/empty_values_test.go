package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"aikagi/backend/testkit"
)

// A script with an unset variable gives an empty value. A command that takes the flag for one that was not given does more
// than was asked: breach begin would void every member.
func TestAFlagWithAnEmptyValueOrWithoutAValueIsRefusedAndNothingIsDone(t *testing.T) {
	where := testkit.SQLite(t)
	s := newSite(t, where)
	for _, command := range [][]string{
		{"breach", "begin", "--yes", "900"},
		{"members", "import", "--update", "--yes", "9", "/dev/null"},
		{"members", "void", "--all"},
		{"members", "cancel", taro},
		{"breach", "resume"},
		{"letters"},
		{"letters", "retry"},
		{"letters", "retry", "--state", "failed"},
		{"keys", "new"},
		{"mail", "test", taroAddress},
		{"check"},
	} {
		for _, flag := range flagsOf(t, command) {
			for _, empty := range [][]string{{"--" + flag, ""}, {"--" + flag + "="}} {
				args := append(append([]string{}, command...), empty...)
				if code, said := runIn(t, s.environ, args...); code != exitUsage || !strings.Contains(said, "--"+flag) {
					t.Errorf("%q: got %d\n%s", args, code, said)
				}
			}
		}
	}
	for _, args := range [][]string{{"breach", "begin", "--all=false", "--yes", "900"}, {"members", "void", "--all=false", "--yes", "900"}} {
		if code, said := runIn(t, s.environ, args...); code != exitUsage {
			t.Errorf("%q: got %d\n%s", args, code, said)
		}
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"breach", "begin", "--yes", "900", "--all="}, "--all needs no value; right would be --all alone"},
		{[]string{"members", "void", "--yes", "900", "--all", ""}, "the argument after --all is empty"},
		{[]string{"members", "import", "--update", ""}, "the argument after --update is empty"},
		{[]string{"members", "show", "--json", ""}, "the argument after --json is empty"},
		{[]string{"members", "void", "--reason=leak", ""}, "the argument after --reason=leak is empty"},
		{[]string{"members", "import", "--column", "status=state", ""}, "the argument after status=state is empty"},
		{[]string{"members", "show", "--", ""}, "the argument after -- is empty"},
		{[]string{"check", "--config"}, "the value of --config is missing; right would be --config=VALUE"},
		{[]string{"members", "void", taro, "--by", "--reason", "leak"}, "the value of --by is missing; right would be --by=VALUE"},
		{[]string{"letters", "--limit", "-1"}, "the value of --limit is missing; right would be --limit=VALUE"},
		{[]string{"members", "suspend", taro, "--by", "\x83\x5c"}, `"\x83\\" is not UTF-8; right would be text in UTF-8`},
		{[]string{"members", "suspend", taro, "--reason=caf\xe9"}, `"--reason=caf\xe9" is not UTF-8; right would be text in UTF-8`},
	} {
		code, said := runIn(t, s.environ, test.args...)
		if code != exitUsage || !strings.HasPrefix(said, "aikagi: "+test.want+"; nothing was done\n") {
			t.Errorf("%q: got %d\n%s", test.args, code, said)
		}
	}
	for _, args := range [][]string{{"--by", " "}, {"--reason", "\u3000 "}} {
		if code, said := runIn(t, s.environ, append([]string{"members", "void", "--all", "--yes", "900"}, args...)...); code != exitUsage || !strings.Contains(said, "is empty; right would be 1 to") {
			t.Errorf("%q: got %d\n%s", args, code, said)
		}
	}
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"mail", "preview", ""}, {"backup", ""}, {"members", "show", ""}, {"members", "void", taro, ""}} {
		if code, said := runIn(t, s.environ, args...); code != exitUsage || !strings.Contains(said, "an argument is empty; nothing was done") {
			t.Errorf("%q: got %d\n%s", args, code, said)
		}
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("the current folder has %v, %v", files, err)
	}
	if got := oneNumber(t, where, "SELECT COUNT(*) FROM members WHERE voided_at IS NOT NULL") + oneNumber(t, where, "SELECT COUNT(*) FROM activities"); got != 0 {
		t.Errorf("%d passwords were voided or members changed", got)
	}
}

// flagsOf returns the flags of a command that have a value.
func flagsOf(t *testing.T, words []string) (flags []string) {
	t.Helper()
	var node *kong.Node = newParser(new(commands), nil, nil).Model.Node
	for _, word := range words {
		for _, child := range node.Children {
			if child.Name == word {
				node = child
			}
		}
	}
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			if !flag.IsBool() {
				flags = append(flags, flag.Name)
			}
		}
	}
	return flags
}
