package store_test

import (
	"testing"

	"aikagi/backend/secret"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// Compare CVE-2025-57813 (traQ) and CVE-2025-66411 (Coder): secrets reached the log through the structs that contained
// them.
func TestTheDatabasesPasswordDoesNotPrint(t *testing.T) {
	const text = "a password of the database"
	settings := store.Settings{
		Dialect: store.MySQL, User: "aikagi", Password: secret.New(text), Hosts: []string{"127.0.0.1:1"}, Name: "aikagi",
	}
	testkit.WantUnprintable(t, settings, text)
	testkit.WantUnprintable(t, *open(t, settings), text)
}
