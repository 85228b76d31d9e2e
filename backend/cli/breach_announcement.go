package cli

import (
	"fmt"

	"aikagi/backend/breach"
)

// The parts of the announcement for the pages that breach begin proposes.
const (
	announceAllJA  = "お客様の情報を守るため、会員サポートパスワードを使えなくしました。"
	announceSomeJA = "お客様の情報を守るため、一部のお客様の会員サポートパスワードを使えなくしました。ログインできないときは、"
	announceHowJA  = "「会員サポートパスワード」をお忘れのお客様 から、新しいパスワードを設定してください。対象のお客様には、メールで順次お知らせしています。"
	announceAllEN  = "To protect your information, we have blocked all member support passwords. "
	announceSomeEN = "To protect your information, we have blocked the member support passwords of some members. If you cannot sign in: "
	announceHowEN  = "Please choose “Forgot your member support password?” and set a new one. We are telling the members concerned by email."
)

// printAnnouncement prints an announcement that the operator can set. It suggests the TOML file, because a running server
// reads that file again but cannot get a new environment.
func (p *program) printAnnouncement(b breach.Breach) {
	ja, en := announceAllJA, announceAllEN
	if b.Selection.Kind != breach.All {
		ja, en = announceSomeJA, announceSomeEN
	}
	fmt.Fprintf(p.stdout, "\nAn announcement for the pages: two lines for the TOML file; a reload (SIGHUP) shows them at once.\n"+
		"announcement_ja = %q\nannouncement_en = %q\n", ja+announceHowJA, en+announceHowEN)
}
