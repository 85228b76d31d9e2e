package mail

import (
	"fmt"
	"net/textproto"
	"strings"
	"testing"
)

// FuzzMailServersAnswer looks for words of a mail server that get further than its codes: they may hold addresses, and
// what it read of a password.
func FuzzMailServersAnswer(f *testing.F) {
	for _, seed := range []string{"", "5.1.1 no such mailbox", "4.7.0", "2.0.0", "5.1", "5.1.1234 x", "5.1.1taro", "5.1.1 \r\n250 ok", "٥.1.1", "5.123.123.4", "9.1.1"} {
		f.Add(550, seed)
	}
	f.Add(-1, "5.7.8 bad password qK7vXw93")
	f.Fuzz(func(t *testing.T, code int, words string) {
		answer := &textproto.Error{Code: code, Msg: words}
		refused := refusal(answer)
		var class, subject, detail int
		if refused.Enhanced != "" {
			if n, err := fmt.Sscanf(refused.Enhanced, "%1d.%3d.%3d", &class, &subject, &detail); n != 3 || err != nil || len(refused.Enhanced) > 9 {
				t.Errorf("%q: took %q for a code", words, refused.Enhanced)
			}
			if !strings.HasPrefix(words, refused.Enhanced) || class != 2 && class != 4 && class != 5 {
				t.Errorf("%q: made up the code %q", words, refused.Enhanced)
			}
		}
		want := strings.TrimSpace(fmt.Sprintf("AUTH: %d %s", code, refused.Enhanced))
		if got := answered("AUTH", fmt.Errorf("said: %w", answer)).Error(); got != want {
			t.Errorf("%d %q: got the error %q, want %q", code, words, got, want)
		}
		if got := answered("AUTH", textproto.ProtocolError(words)).Error(); got != "AUTH: "+errNoSMTP.Error() {
			t.Errorf("%q: got the error %q", words, got)
		}
	})
}
