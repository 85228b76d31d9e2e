package cli

import (
	"os"
	"strings"
	"testing"

	"aikagi/backend/testkit"
)

func TestTheRunbooksUsersCanDoTheirWorkAndNoMore(t *testing.T) {
	where := testkit.MySQL(t)
	text, err := os.ReadFile("../deploy/mariadb/database.sql")
	if err != nil {
		t.Fatal(err)
	}
	serve := "s" + strings.TrimPrefix(where.Name, "aikagi_")
	migrate := "m" + strings.TrimPrefix(where.Name, "aikagi_")
	statements := strings.NewReplacer("'aikagi_migrate'", "'"+migrate+"'", "'aikagi'", "'"+serve+"'", "aikagi.*", where.Name+".*",
		"EXISTS aikagi ", "EXISTS "+where.Name+" ").Replace(string(text))
	for statement := range strings.SplitSeq(strings.TrimSpace(statements), ";\n") {
		execIn(t, where, strings.TrimSuffix(statement, ";"))
	}
	defer execIn(t, where, "DROP USER "+serve+", "+migrate)

	database := func(user, password string) []string {
		return []string{"AIKAGI_DATABASE=mysql://" + user + ":" + password + "@" + where.Hosts[0] + "/" + where.Name}
	}
	if code, printed := runIn(t, database(serve, "SERVE-PASSWORD"), "migrate"); code != exitFailed || !strings.Contains(printed, "CREATE command denied") {
		t.Errorf("the user of serve made tables: got %d\n%s", code, printed)
	}
	if code, printed := runIn(t, database(migrate, "MIGRATE-PASSWORD"), "migrate"); code != exitDone {
		t.Fatalf("the user of migrate made no tables: got %d\n%s", code, printed)
	}
	s := newSite(t, where)
	s.environ = append(s.environ, database(serve, "SERVE-PASSWORD")...)
	s.wantCheck(exitDone, "database: ok\n")
}
