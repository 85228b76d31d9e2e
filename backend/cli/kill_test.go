package cli

import (
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// After a kill, PocketBase had lost 10 of 10 letters and Kratos 6 of 30.
func TestAnAcceptedRequestGetsItsLetterAlthoughTheServerIsKilledAtOnce(t *testing.T) {
	run := func(t *testing.T, where store.Settings) {
		s := newSite(t, where)
		s.stop()
		first := s.run()
		s.base = first.base
		path := s.browser().ask(taro, taroAddress)
		first.kill()

		s.base = s.run().base
		secret := temporaryPassword(t, s.letters(1)[0])
		s.browser().want(200, "POST", path+"/redemption", "temporary_password", secret)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, testkit.SQLite(t)) })
	t.Run("mariadb", func(t *testing.T) { run(t, testkit.MySQL(t)) })
}
