package fleet

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

// LoginID returns the login ID of the n-th member that Enrol adds.
func LoginID(n int) string { return fmt.Sprintf("member%d", n) }

// MailAddress returns the basic mail address of the n-th member that Enrol adds.
func MailAddress(n int) string { return fmt.Sprintf("member%d@xxx.mm-m.ne.jp", n) }

// Enrol adds this number of members, from 0 on, all with the same password hash. An empty hash is no password.
func Enrol(opened *store.Store, count int, hash string) error {
	members := make([]member.Member, count)
	for n := range members {
		members[n] = Member(n)
		members[n].PasswordHash = hash
	}
	return EnrolAll(opened, members)
}

// Member returns the n-th member that Enrol adds: active, and without a password.
func Member(n int) member.Member {
	return member.Member{
		LoginID: member.LoginID(LoginID(n)), MailAddress: member.MailAddress(MailAddress(n)),
		Status: member.Active, PasswordVersion: 1, CreatedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
}

// EnrolAll adds these members.
func EnrolAll(opened *store.Store, members []member.Member) error {
	const batchSize = 10_000
	for batch := range slices.Chunk(members, batchSize) {
		if err := opened.Members().AddMembers(context.Background(), batch); err != nil {
			return fmt.Errorf("enrol members: %w", err)
		}
	}
	return nil
}

// OpenStore opens the database of a program, to fill and to check it.
func OpenStore(where store.Settings) (*store.Store, error) {
	return store.Open(where, slog.New(slog.DiscardHandler))
}

// Where returns the settings of package store for a database on these servers.
func Where(name string, servers ...*MariaDB) store.Settings {
	settings := store.Settings{Dialect: store.MySQL, User: "root", Name: name, Connections: 8}
	for _, server := range servers {
		settings.Hosts = append(settings.Hosts, fmt.Sprintf("127.0.0.1:%d", server.Port))
	}
	return settings
}
