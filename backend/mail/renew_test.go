package mail_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/testkit"
)

// renewsNothing is a database that cannot renew claims.
type renewsNothing struct{ mail.Store }

func (renewsNothing) RenewClaims(context.Context, string, []string, time.Time) error {
	return errors.New("the database is away")
}

// A Postman does not begin a letter again that it is sending, even if the claim has expired.
func TestALetterThatIsBeingSentIsNotBegunAgainByThePostman(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 1)
		w.Postman.Store = renewsNothing{w.Store.Letters()}
		var sent deliveryCounter
		w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
			sent.count(m)
			<-time.After(25 * time.Second)
			return nil
		})
		stop := startPostman(t, w.Postman)
		time.Sleep(20 * time.Second)
		stop()
		sent.wantOnce(t, 1)
	})
}
