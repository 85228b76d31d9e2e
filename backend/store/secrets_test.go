package store_test

import (
	"testing"

	"aikagi/backend/secret"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// traQ, CVE-2025-57813, and Coder, CVE-2025-66411: secrets in the log, through what holds them.
func TestTheDatabasesPasswordDoesNotPrint(t *testing.T) {
	const text = "a password of the database"
	settings := store.Settings{
		Dialect: store.MySQL, User: "aikagi", Password: secret.New(text), Hosts: []string{"127.0.0.1:1"}, Name: "aikagi",
	}
	testkit.WantUnprintable(t, settings, text)
	testkit.WantUnprintable(t, *open(t, settings), text)
}
