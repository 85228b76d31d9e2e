package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/text/encoding/japanese"
)

const noHeader = "the first line is not a header: it names none of the columns login_id,basic_mail_address,password_hash,status " +
	"(--column OURS=HEADING for each that is called otherwise)"

const header = "login_id,basic_mail_address,password_hash,status\n"

func TestAMembersFileIsReadLineByLine(t *testing.T) {
	const good = " abcd@xxx.mm-m.ne.jp $ok active"
	tests := []struct {
		name string
		file string
		opts importOptions
		want []string // the line; then login ID, address, hash and status of a good record, or ! and the reason of a bad one
		err  string
	}{
		{"as documented", header + "abcd,abcd@xxx.mm-m.ne.jp,$ok,active\n", importOptions{}, []string{"2 abcd" + good}, ""},
		{"without a line break at the end", header + "abcd,abcd@xxx.mm-m.ne.jp,$ok,active", importOptions{}, []string{"2 abcd" + good}, ""},
		{"of Windows", "\uFEFF" + strings.ReplaceAll(header, "\n", "\r\n") + "abcd,abcd@xxx.mm-m.ne.jp,$ok,active\r\n", importOptions{}, []string{"2 abcd" + good}, ""},
		{"with blank lines", header + "\n\nabcd,abcd@xxx.mm-m.ne.jp,$ok,active\n\n", importOptions{}, []string{"4 abcd" + good}, ""},
		{"no members", header, importOptions{}, nil, ""},
		{"other order, spaces, quotes", "status, password_hash,basic_mail_address,\"login_id\"\nactive, $ok ,abcd@xxx.mm-m.ne.jp,\"abcd\"\n", importOptions{}, []string{"2 abcd" + good}, ""},
		{"names are normalised", header + "ＡＢ－cd@wakwak.com,ABCD@XXX.mm-m.ne.jp,$ok,\n", importOptions{}, []string{"2 ab-cd" + good}, ""},
		{"every status", header + "a,a@b.jp,$ok,active\nb,b@b.jp,$ok,suspended\nc,c@b.jp,$ok,cancelled\n", importOptions{}, []string{"2 a a@b.jp $ok active", "3 b b@b.jp $ok suspended", "4 c c@b.jp $ok cancelled"}, ""},
		{"carriers' addresses", header + "a,a..b.@docomo.ne.jp,$ok,\n", importOptions{}, []string{"2 a a..b.@docomo.ne.jp $ok active"}, ""},
		{"no hash is void", header + "abcd,abcd@xxx.mm-m.ne.jp,,\n", importOptions{}, []string{"2 abcd abcd@xxx.mm-m.ne.jp void active"}, ""},
		{"a hash that cannot be used", header + "abcd,abcd@xxx.mm-m.ne.jp,$no,\n", importOptions{}, []string{"2! password_hash: unknown scheme"}, ""},
		{"the same with --void-unusable", header + "abcd,abcd@xxx.mm-m.ne.jp,$no,\n", importOptions{VoidUnusable: true}, []string{"2 abcd abcd@xxx.mm-m.ne.jp void active"}, ""},
		{"everything wrong at once", header + "a b,nobody,$no,Active\n", importOptions{}, []string{
			"2! login_id is not a login ID; basic_mail_address is not a mail address; status is none of active, suspended, cancelled; password_hash: unknown scheme",
		}, ""},
		{"an address without mail", header + "a,a@b..jp,$ok,\nb,あ@b.jp,$ok,\n", importOptions{}, []string{
			"2! basic_mail_address cannot receive mail (it must be ASCII, with a domain)", "3! basic_mail_address cannot receive mail (it must be ASCII, with a domain)",
		}, ""},
		{"bytes that are no UTF-8", header + "a\xff,a@b.jp,$ok,\nb,b\xff@b.jp,$ok,\n", importOptions{}, []string{
			"2! login_id is not a login ID", "3! basic_mail_address cannot receive mail (it must be ASCII, with a domain)",
		}, ""},
		{"too few and too many fields", header + "a,a@b.jp\nb,b@b.jp,$ok,active,\nc,c@b.jp,$ok,\n", importOptions{}, []string{
			"2! it has 2 fields, the header 4", "3! it has 5 fields, the header 4", "4 c c@b.jp $ok active",
		}, ""},
		{"twins, however they are spelt", header + "abcd,a@b.jp,$ok,\ne,e@b.jp,$ok,\nＡＢＣＤ,b@b.jp,$ok,\nabcd@x,c@b.jp,$ok,gone\n", importOptions{}, []string{
			"2! login_id is the same as on line 4", "3 e e@b.jp $ok active", "4! login_id is the same as on line 2",
			"5! status is none of active, suspended, cancelled; login_id is the same as on line 2",
		}, ""},
		{"a twin of a bad line", header + "abcd,nobody,$ok,\nabcd,a@b.jp,$ok,\n", importOptions{}, []string{
			"2! basic_mail_address is not a mail address; login_id is the same as on line 3", "3! login_id is the same as on line 2",
		}, ""},
		{"a quotation mark in a field", header + "a\"b,a@b.jp,$ok,\nc,c@b.jp,$ok,\n", importOptions{}, []string{
			`2! a " is wrong: a field that holds one must be quoted, with each " inside written twice`, "3 c c@b.jp $ok active",
		}, ""},
		{"a quotation mark that is closed lines below", header + "\"a,a@b.jp,$ok,\nb,b@b.jp,$ok,\nc\",c@b.jp,$ok,\nd,d@b.jp,$ok,\n", importOptions{}, []string{
			"2! login_id is not a login ID; in quotation marks it goes on to line 4", "5 d d@b.jp $ok active",
		}, ""},
		{"a quotation mark that is closed wrongly", header + "\"a,a@b.jp,$ok,\nb,\"b@b.jp,$ok,\nc,c@b.jp,$ok,\n", importOptions{}, []string{
			"2! a quotation mark opens here and is not closed correctly: lines 2 to 3 cannot be read", "4 c c@b.jp $ok active",
		}, ""},
		{"a quotation mark that is never closed", header + "\"a,a@b.jp,$ok,\nb,b@b.jp,$ok,\n", importOptions{}, []string{
			"2! a quotation mark opens here and is not closed correctly: lines 2 to 3 cannot be read",
		}, ""},
		{
			"a quotation mark that would take the rest of a large file", header + "a,a@b.jp,$ok,\n\"b,b@b.jp,$ok,\n" + strings.Repeat("c,c@b.jp,$ok,\n", 10_000),
			importOptions{},
			[]string{"2 a a@b.jp $ok active"},
			"read the record after line 2: it is over 64 KiB; is a quotation mark not closed?",
		},
		{
			"Shift_JIS with headings of its own", shiftJIS("会員ID,メール,password_hash,状態,氏名\nabcd,abcd@xxx.mm-m.ne.jp,$ok,active,ソ能\n"),
			importOptions{Encoding: "shift_jis", IgnoreExtra: true, Columns: map[string]string{"login_id": "会員ID", "basic_mail_address": "メール", "status": "状態"}},
			[]string{"2 abcd" + good},
			"",
		},
		{
			"extra columns may hold line breaks", "memo," + header + "\"a\nb\",abcd,abcd@xxx.mm-m.ne.jp,$ok,active\n,b,b@b.jp,$no,\n",
			importOptions{IgnoreExtra: true},
			[]string{"2 abcd" + good, "4! password_hash: unknown scheme"},
			"",
		},
		{
			"columns that change places", header + "abcd@xxx.mm-m.ne.jp,abcd,$ok,active\n",
			importOptions{Columns: map[string]string{"login_id": "basic_mail_address", "basic_mail_address": "login_id"}},
			[]string{"2 abcd" + good},
			"",
		},
		{"empty", "", importOptions{}, nil, "the file is empty; its first line should be login_id,basic_mail_address,password_hash,status"},
		{
			"a header with everything wrong", "login_id,login_id,mail,status\n",
			importOptions{},
			nil,
			`the header is not login_id,basic_mail_address,password_hash,status: columns 1 and 2 are both login_id; column 3 is none of ours (--ignore-extra passes over it); ` +
				"basic_mail_address is missing (--column basic_mail_address=HEADING if it is called otherwise); password_hash is missing (--column password_hash=HEADING if it is called otherwise)",
		},
		{
			"a renamed column that is not there", header,
			importOptions{IgnoreExtra: true, Columns: map[string]string{"login_id": "会員ID"}},
			nil,
			`the header is not login_id,basic_mail_address,password_hash,status: "会員ID", which --column names for login_id, is missing`,
		},
		{
			"a column that is none of ours", header,
			importOptions{Columns: map[string]string{"mail": "メール"}},
			nil,
			"--column mail=メール: mail is none of our columns, which are login_id, basic_mail_address, password_hash, status",
		},
		{
			"two columns of one heading", header,
			importOptions{Columns: map[string]string{"login_id": "status"}},
			nil,
			"--column login_id=status: status is the heading of status already",
		},
		{
			"Shift_JIS read as UTF-8", shiftJIS("会員ID,メール\n"),
			importOptions{},
			nil,
			"the header is not in the encoding that was named; say --encoding shift_jis or --encoding utf-8",
		},
		{"a first line that is a member", "abcd,abcd@xxx.mm-m.ne.jp,$ok,active\n", importOptions{}, nil, noHeader},
		{"the same with --ignore-extra", "abcd,abcd@xxx.mm-m.ne.jp,$ok,active\n", importOptions{IgnoreExtra: true}, nil, noHeader},
		{"line ends of an old Macintosh", strings.ReplaceAll(header+"abcd,abcd@xxx.mm-m.ne.jp,$ok,active\n", "\n", "\r"), importOptions{}, nil, errLoneCR.Error()},
		{"such line ends in Shift_JIS", shiftJIS("会員ID,basic_mail_address,password_hash,status\rabcd,a@b.jp,$ok,\r"), importOptions{Encoding: "shift_jis"}, nil, errLoneCR.Error()},
		{"such line ends in a large file", strings.ReplaceAll(header, "\n", "\r") + strings.Repeat("c,c@b.jp,$ok,\r", 10_000), importOptions{}, nil, "read the header: " + errLoneCR.Error()},
		{"such line ends after the header", header + "a,a@b.jp,$ok,\rb,b@b.jp,$ok,\r", importOptions{}, []string{"2! it has 7 fields, the header 4; " + errLoneCR.Error()}, ""},
		{"UTF-16 of little end without its mark", "l\x00o\x00g\x00i\x00n\x00\r\x00\n\x00", importOptions{}, nil, errUTF16.Error()},
		{"UTF-16 of big end without its mark", "\x00l\x00o\x00g\x00i\x00n\x00\n", importOptions{}, nil, errUTF16.Error()},
		{"UTF-16 read as Shift_JIS", "\xff\xfel\x00o\x00", importOptions{Encoding: "shift_jis"}, nil, errUTF16.Error()},
		{"UTF-8 read as Shift_JIS", "\uFEFF" + header, importOptions{Encoding: "shift_jis"}, nil, "the file is in UTF-8; say --encoding utf-8"},
		{"a quotation mark in the header", "login_id,\"abcd\"x,password_hash\n", importOptions{}, nil, `the header cannot be read: a " is wrong: a field that holds one must be quoted, with each " inside written twice`},
		{"rows that were emptied", header + ",,,\na,a@b.jp,$ok,\n , \t,\u3000,\n\"\",\"\",\"\",\"\"\n,,,,,,\n\"\n\",,,\n \t\nb,b@b.jp,$ok,\n,\n", importOptions{}, []string{
			"2 empty", "3 a a@b.jp $ok active", "4 empty", "5 empty", "6 empty", "7 empty", "9 empty", "10 b b@b.jp $ok active", "11 empty",
		}, ""},
		{"UTF-16", "\xff\xfel\x00o\x00", importOptions{}, nil, "the file is in UTF-16; save it as CSV in UTF-8"},
		{"tabs", "login_id\tbasic_mail_address\n", importOptions{}, nil, "the fields are separated by semicolons or tabs; save the file as CSV with commas"},
		{"an unknown encoding", header, importOptions{Encoding: "euc-jp"}, nil, "--encoding euc-jp: right would be utf-8 or shift_jis"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opts := test.opts
			found, err := findTwins(strings.NewReader(test.file), opts, 0, func(int) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			opts.Twins = found
			got, err := readAll(strings.NewReader(test.file), opts)
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			if (err == nil && test.err != "") || (err != nil && err.Error() != test.err) {
				t.Errorf("got the error\n%v\nwant\n%s", err, test.err)
			}
		})
	}
}

func TestAMemberWithoutAUsableHashIsVoidedNow(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	opts := importOptions{Now: now, VoidUnusable: true, Usable: usable}
	var voided []bool
	err := readMembers(strings.NewReader(header+"a,a@b.jp,$ok,\nb,b@b.jp,,\nc,c@b.jp,$no,\n"), opts, func(record membersRecord) error {
		if record.bad != "" {
			t.Errorf("line %d is bad: %s", record.line, record.bad)
		}
		at := record.member.VoidedAt
		voided = append(voided, at != nil && at.Equal(now))
		return nil
	})
	if want := []bool{false, true, true}; err != nil || !slices.Equal(voided, want) {
		t.Errorf("got %v and the error %v, want %v", voided, err, want)
	}
}

// A later reading may succeed, and would write the lines that are bad because of a line that this one did not reach.
func TestADiskThatFailsWhileTwinsAreFoundIsAnError(t *testing.T) {
	failed := errors.New("input/output error")
	for name, start := range map[string]string{
		"at once": "", "in the header": "login_id,", "in a record": header + "a,a@b.jp,,\nb,b@", "in quotation marks": header + "a,\"a@", "after a record": header + "a,a@b.jp,,\n",
	} {
		for _, encoding := range []string{"utf-8", "shift_jis"} {
			opts := importOptions{Encoding: encoding, Usable: usable}
			disk := io.MultiReader(strings.NewReader(start), iotest.ErrReader(failed))
			found, err := findTwins(disk, opts, 0, func(int) error { return nil })
			if !errors.Is(err, failed) || !strings.Contains(err.Error(), "the file cannot be read: input/output error") || found != nil {
				t.Errorf("%s, %s: got %v and the error %v, want %v", name, encoding, found, err, failed)
			}
		}
	}
}

func TestReadingAMembersFileStopsAtTheFirstErrorOfTheCallerOrTheDisk(t *testing.T) {
	failed := errors.New("no space")
	count := 0
	err := readMembers(strings.NewReader(header+"a,a@b.jp,,\nb,b@b.jp,,\n"), importOptions{}, func(membersRecord) error {
		count++
		return failed
	})
	if !errors.Is(err, failed) || count != 1 {
		t.Errorf("got the error %v after %d members, want %v after 1", err, count, failed)
	}

	// The disk fails once, in the middle of a field with a wrong quotation mark. The rest of that line must not become a record.
	disk := iotest.TimeoutReader(io.MultiReader(strings.NewReader(header+"a,a@b.jp,,\nb,b\"@"), strings.NewReader("b.jp,,\nc,c@b.jp,,\n")))
	got, err := readAll(disk, importOptions{})
	if !errors.Is(err, iotest.ErrTimeout) || len(got) == 0 || got[0] != "2 a a@b.jp void active" {
		t.Errorf("got %q and the error %v, want the first member and %v", got, err, iotest.ErrTimeout)
	}
}

func TestAFileMayBeMuchLargerThanARecord(t *testing.T) {
	const members = 10_000
	file := new(strings.Builder)
	file.WriteString(header)
	for i := range members {
		fmt.Fprintf(file, "m%d,m%d@b.jp,$ok,\n", i, i)
	}
	got, err := readAll(strings.NewReader(file.String()), importOptions{})
	if err != nil || len(got) != members || got[members-1] != "10001 m9999 m9999@b.jp $ok active" {
		t.Errorf("got %d members and the error %v, want %d, the last on line %d", len(got), err, members, members+1)
	}
}

func readAll(file io.Reader, opts importOptions) (lines []string, err error) {
	opts.Usable = usable
	err = readMembers(file, opts, func(record membersRecord) error {
		switch {
		case record.isEmpty:
			lines = append(lines, fmt.Sprintf("%d empty", record.line))
			return nil
		case record.bad != "":
			lines = append(lines, fmt.Sprintf("%d! %s", record.line, record.bad))
			return nil
		}
		m := record.member
		hash := m.PasswordHash
		if m.VoidedAt != nil {
			hash += "void"
		}
		lines = append(lines, fmt.Sprintf("%d %s %s %s %s", record.line, string(m.LoginID), string(m.MailAddress), hash, m.Status))
		return nil
	})
	return lines, err
}

func usable(encoded string) error {
	if encoded != "$ok" {
		return errors.New("unknown scheme")
	}
	return nil
}

func shiftJIS(text string) string {
	encoded, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		return text // a seed that is not valid text
	}
	return encoded
}
