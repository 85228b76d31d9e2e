package mail

import "github.com/matcornic/hermes/v2"

// voidedWords are the words of the notice of a voided password.
type voidedWords struct {
	subject string // %s: the brand
	heading string
	intro   string
	how     section
	notes   section
	button  string // leads to the public address
	askDesk string
}

var japaneseVoided = voidedWords{
	subject: "【%s】会員サポートパスワードの再設定のお願い",
	heading: "会員サポートパスワードを設定し直してください",
	intro:   "お客様の情報を守るため、会員サポートパスワードを使えなくしました。ログインするには、新しいパスワードの設定が必要です。",
	how: section{
		Heading: "設定のしかた",
		Items: []string{
			"会員サポートのログイン画面を開き、『「会員サポートパスワード」をお忘れのお客様』を押します。",
			"ログインIDと、基本メールアドレス（このメールが届いたアドレス）を入力します。",
			"メールで届く仮パスワードを入力し、新しいパスワードを設定します。",
		},
	},
	notes: section{
		Heading: "ご確認ください",
		Items: []string{
			"同じパスワードをほかのサービスでもお使いの場合は、そちらも変更してください。",
			"新しいパスワードをすでに設定された場合は、お手続きは不要です。",
		},
	},
	button:  "会員サポートを開く",
	askDesk: "ご不明な点や、うまくいかないときは、ヘルプデスクへご連絡ください。",
}

var englishVoided = voidedWords{
	subject: "[%s] Please set a new member support password",
	heading: "Please set a new member support password",
	intro:   "To protect your information, we have blocked your member support password. To sign in, you need to set a new one.",
	how: section{
		Heading: "How to set a new password",
		Items: []string{
			"Open the member support sign-in page, and choose “Forgot your member support password?”.",
			"Enter your login ID and your basic mail address (the address that received this email).",
			"We’ll send you an email with a temporary password. Enter it, and set a new password.",
		},
	},
	notes: section{
		Heading: "Please note",
		Items: []string{
			"If you use the same password for other services, please change it there too.",
			"If you have already set a new password, you don’t need to do anything.",
		},
	},
	button:  "Open member support",
	askDesk: "If something is unclear or doesn’t work, please contact the help desk.",
}

// writeVoided writes the notice of a voided password and returns its subject. The notice has no secret and only one link,
// to the public address, because phishers send such letters too.
func (w *Writer) writeVoided(d words, look *theme, body *hermes.Body) string {
	say := d.passwordVoided
	body.Title = say.heading
	body.Intros = append(body.Intros, say.intro)
	look.Sections = []section{say.how, say.notes}
	body.Actions = []hermes.Action{{Button: hermes.Button{Text: say.button, Link: w.publicURL + "/"}}}
	body.Outros = []string{d.neverAsked, say.askDesk}
	return say.subject
}
