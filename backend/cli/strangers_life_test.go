package cli

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

// life is what a member does and what is done to the member, with a model of the right results. Strangers cannot change
// them.
type life struct {
	s        *site
	number   int
	id       member.LoginID
	memberID member.ID

	// The model.
	address        member.MailAddress
	version        int64
	active, voided bool
	password       string
	passwords      int // how many the member has chosen

	seen   int // how many of the site's letters were read
	mailed []*mailedSecret
	notice *readNotice // the latest

	watches []*watch

	began time.Time
	tries int              // to sign in with unmarked browsers, used up
	own   []*markedBrowser // the browsers of the member
}

// mailedSecret is a temporary password that the member has read, and the recovery to which its latest letter links.
type mailedSecret struct {
	text    string
	path    string
	at      time.Time // when that letter was read
	version int64
	ends    time.Time // as the letter states, to the minute
	used    bool
	grant   *openGrant
}

type openGrant struct {
	browser   *browser
	version   int64
	ends      time.Time
	completed bool
}

type readNotice struct {
	token   string
	version int64
	at      time.Time
}

func newLife(s *site, number int, hash string) *life {
	l := &life{
		s: s, number: number, id: member.LoginID(fmt.Sprintf("member%04d", number)), version: 1, active: true,
		password: oldPassword, seen: len(s.mails.Letters()), began: time.Now(),
	}
	l.address = l.addressNamed(0)
	err := s.server.store.Members().AddMembers(s.t.Context(), []member.Member{{
		LoginID: l.id, MailAddress: l.address, Status: member.Active, PasswordHash: hash, PasswordVersion: 1, CreatedAt: s.now(),
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	found, err := s.server.store.Members().MembersNamed(s.t.Context(), []member.LoginID{l.id})
	if err != nil || len(found) != 1 {
		s.t.Fatalf("members named %s: %d, %v", l.id, len(found), err)
	}
	l.memberID = found[0].ID
	return l
}

// nobody is an unknown login ID of the same length as the member's.
func (l *life) nobody() string { return fmt.Sprintf("nobody%04d", l.number) }

func (l *life) addressNamed(n int) member.MailAddress {
	return member.MailAddress(fmt.Sprintf("%s.%d@xxx.mm-m.ne.jp", l.id, n))
}

// read updates the model with a letter, if it is the member's.
func (l *life) read(letter sink.Letter) {
	if !strings.HasPrefix(letter.To[0], string(l.id)+".") {
		return
	}
	if letter.TemporaryPassword() == "" {
		_, token := disavowal(l.s.t, letter)
		l.notice = &readNotice{token, l.version, l.s.now()}
		return
	}
	stated := testkit.LineAfter(l.s.t, mail.Message{Text: letter.Text}, "【有効期限】")
	ends, err := time.ParseInLocation("20060102 15:04", stated, time.FixedZone("JST", 9*60*60))
	if err != nil {
		l.s.t.Fatal(err)
	}
	read := &mailedSecret{text: letter.TemporaryPassword(), version: l.version}
	for _, known := range l.mailed {
		if known.text == read.text {
			read = known
		}
	}
	if read.path == "" {
		l.mailed = append(l.mailed, read)
	}
	read.path, read.at, read.ends = letter.RecoveryPath(), l.s.now(), ends
}

// isAbout reports whether a moment is so near that a call may come before or after it: letters state only minutes.
func (l *life) isAbout(moment time.Time) bool {
	return l.s.now().Sub(moment).Abs() < 2*time.Minute
}

func (l *life) lives(m *mailedSecret) bool {
	return l.active && !m.used && m.version == l.version && l.s.now().Before(m.ends)
}

// pick draws one of the latest mailed secrets, or returns nil if there is none.
func (l *life) pick(r *rapid.T) *mailedSecret {
	if len(l.mailed) == 0 {
		return nil
	}
	last := min(3, len(l.mailed))
	return l.mailed[len(l.mailed)-1-rapid.IntRange(0, last-1).Draw(r, "secret, from the last")]
}
