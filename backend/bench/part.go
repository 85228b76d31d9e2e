package main

import (
	"fmt"
	"slices"
	"strings"
)

// part is some rows and plots that are measured together. It can be run alone.
type part struct {
	name    string
	on      []string // databases, or nowhere
	measure func(b *bench, on string) (outcome, error)
}

// nowhere is where figures are measured that depend on no database.
const nowhere = "program"

const (
	onSQLite  = "sqlite"
	onMariaDB = "mariadb"
)

var (
	databaseNames = map[string]string{onSQLite: "SQLite", onMariaDB: "MariaDB"}
	everywhere    = []string{onSQLite, onMariaDB}
	once          = []string{nowhere}
)

// parts are in the order of the report.
var parts = []part{
	{"asks", everywhere, measureAsks},
	{"clients", everywhere, measureClients},
	{"burst", everywhere, measureBurst},
	{"letters", everywhere, measureLetters},
	{"members", everywhere, measureMembers},
	{"sign-ins", everywhere, measureSignIns},
	{"pages", once, measurePages},
	{"first-load", once, measureFirstLoad},
	{"start", everywhere, measureStart},
	{"memory", everywhere, measureMemory},
	{"import", everywhere, measureImport},
	{"size", once, measureSize},
}

func partNames() string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// choose reads the flags. Without names it is every part.
func choose(names, on string) (chosen []part, databases []string, err error) {
	databases = strings.Split(on, ",")
	for _, database := range databases {
		if !slices.Contains(everywhere, database) {
			return nil, nil, fmt.Errorf("there is no database %q: %s are known", database, strings.Join(everywhere, " and "))
		}
	}
	if names == "" {
		return parts, databases, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		at := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if at < 0 {
			return nil, nil, fmt.Errorf("there is no part %q: %s are known", name, partNames())
		}
		chosen = append(chosen, parts[at])
	}
	return chosen, databases, nil
}
