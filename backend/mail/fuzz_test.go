package mail

import (
	"bufio"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// onlyCodes matches all that an error may say about an answer.
var onlyCodes = regexp.MustCompile(`^AUTH: [2-5][0-9][0-9]( [245]\.[0-9]{1,3}\.[0-9]{1,3})?$`)

// FuzzMailServersAnswer checks that an error never contains more of an answer than its codes. The words may contain
// addresses, or what the server read of a password.
func FuzzMailServersAnswer(f *testing.F) {
	for _, seed := range []string{
		"", "250", "250\r\n", "250-\r\n250\r\n", "550 5.1.1 no such mailbox\r\n", "450 4.7.0\n", "550-5.1\r\n550 5.1.1234 x\r\n",
		"550 5.1.1taro\r\n", "550 5.1.1 \r\n250 ok\r\n", "550 ٥.1.1\r\n", "550 5.123.123.4\r\n", "550 9.1.1\r\n", "-1 5.7.8 bad password qK7vXw93\r\n",
		"220-hello\r\nabcd@xxx.mm-m.ne.jp was here\r\n220 x\r\n", "HTTP/1.1 400 Bad Request\r\n", "2500 x\r\n", "999 x\r\n", "250\tx\r\n",
		strings.Repeat("250-x\r\n", 300), strings.Repeat("x", 5000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, words string) {
		answer, err := readReply(bufio.NewReaderSize(strings.NewReader(words), maxReplyLine))
		if err != nil {
			if got := shortCause(err); !errors.Is(got, errNotSMTP) && !errors.Is(got, errHungUp) {
				t.Errorf("%q: got the error %q", words, got)
			}
			return
		}
		if answer.code < 200 || answer.code > 599 || len(answer.lines) == 0 || len(answer.lines) > maxReplyLines {
			t.Errorf("%q: got the reply %d with %d lines", words, answer.code, len(answer.lines))
		}
		if got := answer.unreached("AUTH").Error(); !onlyCodes.MatchString(got) {
			t.Errorf("%q: got the error %q, want codes alone", words, got)
		}
		refused := answer.refused(true)
		if !strings.Contains(words, fmt.Sprint(refused.Code)) || !strings.Contains(words, refused.Enhanced) {
			t.Errorf("%q: made up the codes %s", words, refused.Codes())
		}
	})
}
