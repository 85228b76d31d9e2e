package cli

import (
	"strings"
	"testing"

	"aikagi/backend/member"
)

// FuzzReadMembers looks for files that cause a panic, a line that is silently lost, a bad member that is accepted, or a
// message with a hash. The column of the login IDs may have another heading.
func FuzzReadMembers(f *testing.F) {
	const hash = "qK7vXw93"
	for _, seed := range []string{
		"a,a@b.jp,$ok,active\n", "a,a@b.jp,,\nＡ,b@b.jp,$no,gone\n", "\"a\",\"a@b.jp\",\"\"\"\",\r\n", "\"a\nb,c", "a\"b,,,\n\n,,,", "a,b\n\xff,\x00,,\n",
		"a,a@b.jp," + hash + ",\n\"" + hash + "\"," + hash + ",\"$ok" + hash + "\n,\n", "a,a@b.jp,$ok,active,\na,a@b.jp,$ok,active\n",
	} {
		f.Add(header+seed, "utf-8", "login_id", false)
		f.Add(shiftJIS(header+seed), "shift_jis", "login_id", true)
		renamed := strings.Replace(header, "login_id", "会員ID", 1) + seed
		f.Add(renamed, "", "会員ID", true)
		f.Add(shiftJIS(renamed), "shift_jis", "会員ID", false)
	}
	f.Add("\uFEFF"+header, "", " login_id ", false)
	f.Add("a,a@b.jp,"+hash+",\n", "", "login_id", false)
	f.Add(strings.ReplaceAll(header+"a,a@b.jp,"+hash+",\n", "\n", "\r"), "utf-8", "login_id", true)
	f.Add("login_id,\""+hash+"\"x\n", "utf-8", "login_id", true)
	f.Add(header, "utf-16", "status", true)
	f.Fuzz(func(t *testing.T, file, encoding, heading string, loose bool) {
		opts := importOptions{
			Columns: map[string]string{"login_id": heading}, IgnoreExtra: loose, VoidUnusable: loose, Encoding: encoding, Usable: usable,
		}
		visited := make(map[int]bool)
		last := 0
		err := readMembers(strings.NewReader(file), opts, func(record membersRecord) error {
			visited[record.line] = true
			if record.isEmpty {
				return nil
			}
			if record.bad != "" {
				if strings.Contains(record.bad, hash) {
					t.Errorf("line %d is bad for the reason %q", record.line, record.bad)
				}
				return nil
			}
			line, m := record.line, record.member
			id, err := member.ParseLoginID(string(m.LoginID))
			if err != nil || id != m.LoginID || !m.MailAddress.CanReceive() || (m.PasswordHash == "") != (m.VoidedAt != nil) {
				t.Errorf("line %d is a bad member: %+v", line, m)
			}
			if m.PasswordHash != "" && usable(m.PasswordHash) != nil {
				t.Errorf("line %d has a hash that nobody can use", line)
			}
			if line <= last {
				t.Errorf("line %d comes after line %d", line, last)
			}
			last = line
			return nil
		})
		if err != nil && strings.Contains(err.Error(), hash) && !strings.Contains(heading+encoding, hash) {
			t.Errorf("the error repeats the file: %v", err)
		}
		// Without quotation marks, each line that is not blank is a record; the first one is the header.
		if err != nil || encoding == "shift_jis" || strings.Contains(file, `"`) {
			return
		}
		afterHeader := false
		for i, line := range strings.Split(file, "\n") {
			blank := strings.TrimRight(line, "\r") == ""
			if afterHeader && !blank && !visited[i+1] {
				t.Errorf("nothing was visited of line %d of %q", i+1, file)
			}
			afterHeader = afterHeader || !blank
		}
	})
}
