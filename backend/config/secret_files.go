package config

import "strings"

// SecretFile is a file that holds a secret, and the setting that names it.
type SecretFile struct{ Setting, Path string }

// SecretFiles returns the files from which secrets were read: those that the environment names with _FILE, the TOML file if
// it holds a secret, and the private key of TLS.
func (r Reading) SecretFiles() (files []SecretFile) {
	environ := make(map[string]string)
	for _, entry := range r.args.Environ {
		name, value, _ := strings.Cut(entry, "=")
		environ[name] = value
	}
	table := new(Settings).table()
	given, _ := gather(r.args, table, new(mistakes))
	toml := r.args.File
	if toml == "" {
		toml = environ[prefix+"CONFIG"]
	}
	isInTOML := false
	for _, group := range table {
		for _, setting := range group.settings {
			if !setting.secret {
				continue
			}
			if path := environ[prefix+setting.name+"_FILE"]; path != "" {
				files = append(files, SecretFile{prefix + setting.name + "_FILE", path})
			}
			isInTOML = isInTOML || strings.HasSuffix(given[setting.name].from, " in "+toml)
		}
	}
	if isInTOML && toml != "" {
		files = append(files, SecretFile{prefix + "CONFIG", toml})
	}
	if r.Settings.TLS.KeyFile != "" {
		files = append(files, SecretFile{prefix + tlsKey, r.Settings.TLS.KeyFile})
	}
	return files
}
