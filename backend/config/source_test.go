package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aikagi/backend/config"
)

func TestFilesHoldSettingsAndTheEnvironmentOverridesThem(t *testing.T) {
	tests := []struct {
		name    string
		content string // of the file at PATH
		environ []string
		config  bool // the file is the TOML file of the flag --config
		want    string
	}{
		{"a file with a line break at its end", "sqlite:from-file.db\r\n", []string{"AIKAGI_DATABASE_FILE=PATH"}, false, ""},
		{
			"both a value and a file", "sqlite:from-file.db",
			[]string{"AIKAGI_DATABASE=sqlite:a.db", "AIKAGI_DATABASE_FILE=PATH"},
			false,
			one + "AIKAGI_DATABASE: is set twice, also by AIKAGI_DATABASE_FILE; right would be one of the two",
		},
		{
			"a path that is a password", "",
			[]string{"AIKAGI_DATABASE_FILE=mysql://u:hidden@h/n"},
			false,
			one + "AIKAGI_DATABASE (from AIKAGI_DATABASE_FILE): the file cannot be used: no such file or directory; right would be the path of a file that holds the value",
		},
		{
			"an empty file", "\n",
			[]string{"AIKAGI_DATABASE_FILE=PATH"},
			false,
			one + "AIKAGI_DATABASE (from AIKAGI_DATABASE_FILE): the file cannot be used: it is empty; right would be the path of a file that holds the value",
		},
		{
			"an endless file", "",
			[]string{"AIKAGI_DATABASE_FILE=/dev/zero"},
			false,
			one + "AIKAGI_DATABASE (from AIKAGI_DATABASE_FILE): the file cannot be used: it is over 1 MiB; right would be the path of a file that holds the value",
		},
		{
			"a wrong value in a file", "sqlite:",
			[]string{"AIKAGI_DATABASE_FILE=PATH"},
			false,
			one + "AIKAGI_DATABASE (from AIKAGI_DATABASE_FILE): the value has no path after its sqlite: prefix; right would be mysql://user:password@host:3306/name or sqlite:/var/lib/aikagi/aikagi.db",
		},
		{"TOML by flag", "\uFEFFdatabase = \"sqlite:from-file.db\"\nargon2_memory = 65536\n", []string{"AIKAGI_CONFIG=/nowhere"}, true, ""},
		{"TOML by name", "database = 'sqlite:from-file.db'", []string{"AIKAGI_CONFIG=PATH"}, false, ""},
		{"TOML and the environment", "database = 'sqlite:wrong?'", []string{"AIKAGI_CONFIG=PATH", "AIKAGI_DATABASE=sqlite:from-file.db"}, false, ""},
		{"TOML and an empty variable", "database = 'sqlite:from-file.db'", []string{"AIKAGI_CONFIG=PATH", "AIKAGI_DATABASE="}, false, ""},
		{
			"TOML with wrong values and names", "database = 'sqlite:from-file.db'\nlisten = 'x'\nlisten_adress = ':1'\nAIKAGI_REDIS = 'redis://h'\nKEYS = 'k'\nrecovery = true\n[smtp]\nhost = 'h'", nil, true,
			"there are 6 mistakes in the settings:" +
				"\n  AIKAGI_CONFIG (PATH): \"AIKAGI_REDIS\" is not a setting; did you mean redis?" +
				"\n  AIKAGI_CONFIG (PATH): \"KEYS\" is not a setting; did you mean keys?" +
				"\n  AIKAGI_CONFIG (PATH): \"listen_adress\" is not a setting; did you mean listen?" +
				"\n  AIKAGI_RECOVERY (recovery in PATH): is neither text nor a whole number; right would be text in quotation marks" +
				"\n  AIKAGI_SMTP (smtp in PATH): is neither text nor a whole number; right would be text in quotation marks" +
				"\n  AIKAGI_LISTEN (listen in PATH): \"x\" is not host:port; right would be 127.0.0.1:8080",
		},
		{
			"text that is no TOML, with a password", "listen = ':1'\nkeys = hidden:hidden\n", nil, true,
			one + "AIKAGI_CONFIG (PATH): is not TOML at line 2; right would be lines like listen = \"127.0.0.1:8080\", each name once",
		},
		{
			"a TOML file that does not exist", "",
			[]string{"AIKAGI_CONFIG=/nowhere"},
			false,
			one + "AIKAGI_CONFIG (/nowhere): the file cannot be read: no such file or directory; right would be the path of a TOML file",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			args := config.Args{}
			for _, entry := range test.environ {
				args.Environ = append(args.Environ, strings.ReplaceAll(entry, "PATH", path))
			}
			if test.config {
				args.File = path
			}
			settings, err := config.Load(args)
			if got, want := text(err), strings.ReplaceAll(test.want, "PATH", path); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if err == nil && settings.Database.Path != "from-file.db" {
				t.Errorf("got the database %q, want from-file.db", settings.Database.Path)
			}
		})
	}
}

func TestNoSettingIsCalledMissingWhileTheTOMLFileThatMayHoldItCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "aikagi.toml")
	if err := os.WriteFile(path, []byte("public_url = 'https://support.example.jp'\nkeys = \"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(config.Args{File: path, Environ: []string{"AIKAGI_LISTEN=x"}, Needs: config.All()})
	want := "there are 2 mistakes in the settings:" +
		"\n  AIKAGI_CONFIG (" + path + "): is not TOML at line 2; right would be lines like listen = \"127.0.0.1:8080\", each name once" +
		"\n  AIKAGI_LISTEN: \"x\" is not host:port; right would be 127.0.0.1:8080"
	if got := text(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
