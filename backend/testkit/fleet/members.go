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

// LoginID is the login ID of the n-th member that Enrol adds.
func LoginID(n int) string { return fmt.Sprintf("member%d", n) }

// MailAddress is the basic mail address of the n-th member that Enrol adds.
func MailAddress(n int) string { return fmt.Sprintf("member%d@xxx.mm-m.ne.jp", n) }

// Enrol adds so many members, from 0 on, all with one password hash, or void ones when it is empty.
func Enrol(opened *store.Store, count int, hash string) error {
	members := make([]member.Member, count)
	for n := range members {
		members[n] = Member(n)
		members[n].PasswordHash = hash
	}
	return EnrolAll(opened, members)
}

// Member is the n-th member as Enrol adds it: active, and void.
func Member(n int) member.Member {
	return member.Member{
		LoginID: member.LoginID(LoginID(n)), MailAddress: member.MailAddress(MailAddress(n)),
		Status: member.Active, PasswordVersion: 1, CreatedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
}

// EnrolAll adds these members.
func EnrolAll(opened *store.Store, members []member.Member) error {
	const atOnce = 10_000
	for batch := range slices.Chunk(members, atOnce) {
		if err := opened.Members().AddMembers(context.Background(), batch); err != nil {
			return fmt.Errorf("enrol members: %w", err)
		}
	}
	return nil
}

// OpenStore opens a handle of our own on a server's database, to fill it and to account for it.
func OpenStore(where store.Settings) (*store.Store, error) {
	return store.Open(where, slog.New(slog.DiscardHandler))
}

// Where is how the store names a database on the servers.
func Where(name string, servers ...*MariaDB) store.Settings {
	settings := store.Settings{Dialect: store.MySQL, User: "root", Name: name, Connections: 8}
	for _, server := range servers {
		settings.Hosts = append(settings.Hosts, fmt.Sprintf("127.0.0.1:%d", server.Port))
	}
	return settings
}
