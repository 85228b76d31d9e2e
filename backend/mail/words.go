package mail

import (
	"fmt"
	"time"

	"aikagi/backend/recovery"
)

// words is all that letters say in one language. A missing sentence is a blank line that the golden files show;
// a missing field does not compile.
type words struct {
	salutation string
	thanks     string // %s: the brand
	neverAsked string // last of the facts about secrets: what our staff never do
	linkBelow  string // between a button and its bare link
	bullet     string // of a list in the text part

	temporaryPassword temporaryPasswordWords
	passwordChanged   noticeWords
	newAddress        noticeWords // to the new basic mail address
	formerAddress     noticeWords // to the former one

	phone, hours string // labels in the signature
	// spellTime spells a moment for people; the stamp above it is for those who are used to that.
	spellTime func(t time.Time) string
}

type temporaryPasswordWords struct {
	subject      string // %s: the brand
	heading      string
	intro        string
	passwordName string // what 【仮パスワード】 means, where the letter is not in Japanese
	expiryName   string // what 【有効期限】 means
	until        string // %s: the spelled expiry
	notes        section
	button       string
	instructions string
	receipt      string // %s: the receipt number
	notYou       string
}

// noticeWords say what was changed, when, and what to do if it was not the member.
type noticeWords struct {
	subject string // %s: the brand
	heading string
	intro   string
	atName  string // what 【変更日時】 means, where the letter is not in Japanese
	at      string // %s: the spelled moment
	// addressLabel stands over the address that the notice goes to, with most of it hidden. Empty: it is not told.
	addressLabel string
	addressName  string // what the label means
	you          section
	notYou       section
	page         string // before the button, and before its link in the text part
	disavow      string // the button that leads to "that was not me"
	recover      string // before the bare link to recovery. Empty: recovery is no help, its letter goes to the new address
}

// The labels are in Japanese in every language: members and the help desk know these lines by them.
const (
	temporaryPasswordLabel = "【仮パスワード】" //nolint:gosec // a label, no secret
	expiryLabel            = "【有効期限】"
	changedAtLabel         = "【変更日時】"
	newAddressLabel        = "【新しい基本メールアドレス】"
	formerAddressLabel     = "【これまでの基本メールアドレス】"
)

// japanTime is where all members are. Japan has no summer time, so no time zone database is needed.
var japanTime = time.FixedZone("JST", 9*60*60)

// stamp is the form that members are used to.
func stamp(t time.Time) string { return t.In(japanTime).Format("20060102 15:04") }

func spellJapanese(t time.Time) string {
	t = t.In(japanTime)
	weekday := []rune("日月火水木金土")[t.Weekday()]
	return fmt.Sprintf("%d年%d月%d日（%c）%s（日本時間）", t.Year(), t.Month(), t.Day(), weekday, t.Format("15:04"))
}

func spellEnglish(t time.Time) string {
	return t.In(japanTime).Format("Monday, 2 January 2006, 15:04") + " Japan time"
}

var dictionaries = map[recovery.Language]words{
	recovery.Japanese: japanese,
	recovery.English:  english,
}

var japanese = words{
	salutation: "お客様",
	thanks:     "いつも%sをご利用いただき、ありがとうございます。",
	neverAsked: "当社の社員や係員が、お客様のパスワードや仮パスワードをおたずねすることはありません。だれにも教えないでください。",
	linkBelow:  "ボタンが使えないときは、次のアドレスを開いてください。",
	bullet:     "・",

	temporaryPassword: temporaryPasswordWords{
		subject: "【%s】仮パスワードのお知らせ",
		heading: "仮パスワードのお知らせ",
		intro:   "会員サポートパスワードのリカバリーを受け付けましたので、仮パスワードをお知らせします。リカバリーの画面に、次の仮パスワードを入力してください。",
		until:   "%sまで",
		notes: section{
			Heading: "＜ご利用上のご注意＞",
			Items: []string{
				"有効期限を過ぎた仮パスワードは使えません。そのときは、もう一度リカバリーの手続きをしてください。",
				"仮パスワードが使えるのは1回だけです。入力すると、新しい会員サポートパスワードの設定に進みます。",
			},
		},
		button:       "仮パスワードを入力する",
		instructions: "リカバリーの画面を閉じてしまったときは、ここから開けます。",
		receipt:      "受付番号：%s（お問い合わせの際にお伝えください）",
		notYou:       "リカバリーの手続きにお心当たりがない場合、何もしていただかなくて大丈夫です。このメールだけで、パスワードが変わることはありません。念のため、ヘルプデスクにお知らせください。",
	},

	passwordChanged: noticeWords{
		subject: "【%s】会員サポートパスワード変更のお知らせ",
		heading: "会員サポートパスワードが変更されました",
		intro:   "お客様の会員サポートパスワードが変更されましたので、お知らせします。",
		at:      "%s",
		you: section{
			Heading:    "お客様ご自身が変更された場合",
			Paragraphs: []string{"何もしていただく必要はありません。これからは、新しいパスワードでログインしてください。"},
		},
		notYou: section{
			Heading: "お心当たりがない場合",
			Paragraphs: []string{
				"すぐに次の画面を開いて、ボタンを押してください。変更されたパスワードを使えなくすることができます。画面を開いただけでは、何も変わりません。この画面が使えるのは、変更から7日間です。",
				"あわせて、ヘルプデスクにご連絡ください。",
			},
		},
		page:    "パスワードを使えなくする画面を開きます。",
		disavow: "自分が変更したのではない",
		recover: "次のページでリカバリーの手続きをすると、パスワードをご自身で再設定できます。",
	},

	newAddress: noticeWords{
		subject:      "【%s】基本メールアドレス変更のお知らせ",
		heading:      "基本メールアドレスが変更されました",
		intro:        "お客様の基本メールアドレスが変更されました。これからのお知らせは、このメールが届いたアドレスにお送りします。",
		at:           "%s",
		addressLabel: newAddressLabel,
		you: section{
			Heading:    "お客様ご自身が変更を申し込まれた場合",
			Paragraphs: []string{"何もしていただく必要はありません。会員サポートパスワードは変わっていません。安全のためログアウトしていますので、もう一度ログインしてください。"},
		},
		notYou: section{
			Heading: "お心当たりがない場合",
			Paragraphs: []string{
				"すぐにヘルプデスクにご連絡ください。基本メールアドレスを元に戻せるのは、ヘルプデスクだけです。",
				"ほかの人がログインできないように、次の画面でパスワードを使えなくすることもできます。画面を開いて、ボタンを押してください。画面を開いただけでは、何も変わりません。この画面が使えるのは、変更から7日間です。",
			},
		},
		page:    "パスワードを使えなくする画面を開きます。",
		disavow: "変更に心当たりがない",
	},

	formerAddress: noticeWords{
		subject:      "【%s】基本メールアドレス変更のお知らせ",
		heading:      "基本メールアドレスが変更されました",
		intro:        "お客様の基本メールアドレスが、別のアドレスに変更されました。変更をお知らせするため、これまでのアドレスにもこのメールをお送りしています。これからのお知らせは、新しいアドレスだけにお送りします。",
		at:           "%s",
		addressLabel: formerAddressLabel,
		you: section{
			Heading:    "お客様ご自身が変更を申し込まれた場合",
			Paragraphs: []string{"何もしていただく必要はありません。会員サポートパスワードは変わっていません。安全のためログアウトしていますので、もう一度ログインしてください。"},
		},
		notYou: section{
			Heading: "お心当たりがない場合",
			Paragraphs: []string{
				"すぐに次の画面を開いて、ボタンを押してください。パスワードを使えなくして、ほかの人がログインできないようにします。画面を開いただけでは、何も変わりません。この画面が使えるのは、変更から7日間です。",
				"続けて、必ずヘルプデスクにご連絡ください。このままでは、リカバリーの仮パスワードも新しいアドレスに届きます。基本メールアドレスを元に戻せるのは、ヘルプデスクだけです。",
			},
		},
		page:    "パスワードを使えなくする画面を開きます。",
		disavow: "変更に心当たりがない",
	},

	phone:     "電話：%s",
	hours:     "受付時間：%s",
	spellTime: spellJapanese,
}

var english = words{
	salutation: "Dear customer,",
	thanks:     "Thank you for using %s.",
	neverAsked: "Our staff will never ask you for your password or temporary password. Please do not tell it to anyone.",
	linkBelow:  "If the button does not work, open this address:",
	bullet:     "- ",

	temporaryPassword: temporaryPasswordWords{
		subject:      "[%s] Your temporary password",
		heading:      "Your temporary password",
		intro:        "We received a request to recover your member support password. Here is your temporary password: please enter it on the recovery page.",
		passwordName: "Temporary password",
		expiryName:   "Expiry",
		until:        "Valid until %s",
		notes: section{
			Heading: "Please note",
			Items: []string{
				"Once it has expired, the temporary password no longer works. Please ask for recovery again.",
				"The temporary password works only once. After you enter it, you set a new member support password.",
			},
		},
		button:       "Enter the temporary password",
		instructions: "If you have closed the recovery page, you can open it again here.",
		receipt:      "Receipt number: %s (please have it ready if you contact us)",
		notYou:       "If you did not ask for recovery, you do not need to do anything: this mail alone changes nothing. Please let the help desk know, to be safe.",
	},

	passwordChanged: noticeWords{
		subject: "[%s] Your member support password was changed",
		heading: "Your member support password was changed",
		intro:   "This is to tell you that your member support password was changed.",
		atName:  "Time of the change",
		at:      "Changed on %s",
		you: section{
			Heading:    "If you changed it yourself",
			Paragraphs: []string{"You do not need to do anything. From now on, please sign in with the new password."},
		},
		notYou: section{
			Heading: "If you did not change it",
			Paragraphs: []string{
				"Please open this page at once and press its button: then the new password can no longer be used. Opening the page alone changes nothing. The page works for 7 days after the change.",
				"Please contact the help desk as well.",
			},
		},
		page:    "This opens the page that makes the password unusable.",
		disavow: "That was not me",
		recover: "You can set the password again yourself, by recovery on this page:",
	},

	newAddress: noticeWords{
		subject:      "[%s] Your basic mail address was changed",
		heading:      "Your basic mail address was changed",
		intro:        "Your basic mail address was changed. From now on our mails go to the address that this one came to.",
		atName:       "Time of the change",
		at:           "Changed on %s",
		addressLabel: newAddressLabel,
		addressName:  "New basic mail address",
		you: section{
			Heading:    "If you asked for the change",
			Paragraphs: []string{"You do not need to do anything. Your member support password is the same as before. To be safe we have signed you out: please sign in again."},
		},
		notYou: section{
			Heading: "If you did not ask for it",
			Paragraphs: []string{
				"Please contact the help desk at once. Only they can put your basic mail address back.",
				"To keep others from signing in, you can also make the password unusable: open this page and press its button. Opening the page alone changes nothing. The page works for 7 days after the change.",
			},
		},
		page:    "This opens the page that makes the password unusable.",
		disavow: "That was not me",
	},

	formerAddress: noticeWords{
		subject:      "[%s] Your basic mail address was changed",
		heading:      "Your basic mail address was changed",
		intro:        "Your basic mail address was changed to another one. To let you know, this mail goes to your former address as well. From now on our mails go to the new address alone.",
		atName:       "Time of the change",
		at:           "Changed on %s",
		addressLabel: formerAddressLabel,
		addressName:  "Former basic mail address",
		you: section{
			Heading:    "If you asked for the change",
			Paragraphs: []string{"You do not need to do anything. Your member support password is the same as before. To be safe we have signed you out: please sign in again."},
		},
		notYou: section{
			Heading: "If you did not ask for it",
			Paragraphs: []string{
				"Please open this page at once and press its button: then the password can no longer be used, and nobody else can sign in. Opening the page alone changes nothing. The page works for 7 days after the change.",
				"Then be sure to contact the help desk. Until you do, temporary passwords for recovery go to the new address too. Only the help desk can put your basic mail address back.",
			},
		},
		page:    "This opens the page that makes the password unusable.",
		disavow: "That was not me",
	},

	phone:     "Phone: %s",
	hours:     "Hours: %s",
	spellTime: spellEnglish,
}
