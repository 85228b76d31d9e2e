package mail

import (
	"fmt"
	"time"

	"aikagi/backend/recovery"
)

// words are all texts of letters in one language.
type words struct {
	salutation string
	thanks     string // %s: the brand
	neverAsked string // of a notice: that we never ask for the password
	linkBelow  string // between a button and the same link as text
	bullet     string // of a list in the text part

	temporaryPassword temporaryPasswordWords
	passwordChanged   noticeWords
	newAddress        noticeWords // to the new basic mail address
	formerAddress     noticeWords // to the former one
	passwordVoided    voidedWords

	phone, hours string // labels in the signature
	// spellTime spells a time in words. Below an expiry it follows the stamp, the form that long-time members know.
	spellTime func(t time.Time) string
	// spellBriefly spells a time of the last few days, without the year.
	spellBriefly func(t time.Time) string
}

type temporaryPasswordWords struct {
	subject      string // %s: the brand
	heading      string
	asked        string // %s: when the ask was made; %s: its receipt number
	intro        string
	passwordName string // the meaning of 【仮パスワード】, if the letter is not in Japanese
	expiryName   string // the meaning of 【有効期限】
	until        string // %s: the spelled expiry
	notes        section
	button       string
	instructions string
	receipt      string // %s: the receipt number
	neverAsked   string // that we never ask for the temporary password
	notYou       string
}

// noticeWords are the words of a notice of a change, and what to do if the member did not make it.
type noticeWords struct {
	subject string // %s: the brand
	heading string
	intro   string
	atName  string // the meaning of 【変更日時】, if the letter is not in Japanese
	// addressLabel is the label of the address that the notice goes to, shown masked. Empty: the address is not shown.
	addressLabel string
	addressName  string // the meaning of the label
	you          section
	notYou       section
	disavow      string // the text of the button to the page "that was not me"
}

// The labels are Japanese in every language, because members and the help desk recognise these lines by them.
const (
	temporaryPasswordLabel = "【仮パスワード】" //nolint:gosec // a label, no secret
	expiryLabel            = "【有効期限】"
	changedAtLabel         = "【変更日時】"
	newAddressLabel        = "【新しいアドレス】"
	formerAddressLabel     = "【これまでのアドレス】"
)

// japanTime is the time zone of all members. Japan has no summer time, so no time zone database is needed.
var japanTime = time.FixedZone("JST", 9*60*60)

// stamp formats a time in the form that members know from earlier letters.
func stamp(t time.Time) string { return t.In(japanTime).Format("20060102 15:04") }

func spellJapanese(t time.Time) string {
	t = t.In(japanTime)
	weekday := []rune("日月火水木金土")[t.Weekday()]
	return fmt.Sprintf("%d年%d月%d日（%c）%s（日本時間）", t.Year(), t.Month(), t.Day(), weekday, t.Format("15:04"))
}

func spellEnglish(t time.Time) string {
	return t.In(japanTime).Format("Monday, 2 January 2006, 15:04") + " Japan time"
}

func spellBrieflyInJapanese(t time.Time) string {
	t = t.In(japanTime)
	return fmt.Sprintf("%d月%d日%s", t.Month(), t.Day(), t.Format("15:04"))
}

func spellBrieflyInEnglish(t time.Time) string {
	return t.In(japanTime).Format("2 January, 15:04") + " Japan time"
}

var dictionaries = map[recovery.Language]words{
	recovery.Japanese: japanese,
	recovery.English:  english,
}

var japanese = words{
	salutation: "お客様",
	thanks:     "いつも%sをご利用いただき、ありがとうございます。",
	neverAsked: "当社からパスワードをおたずねすることは一切ありません。",
	linkBelow:  "ボタンが使えないときは、次のアドレスを開いてください。",
	bullet:     "・",

	temporaryPassword: temporaryPasswordWords{
		subject: "【%s】仮パスワードのお知らせ",
		heading: "仮パスワードのお知らせ",
		asked:   "%sに会員サポートパスワードのリカバリーを受け付けました（受付番号：%s）。",
		intro:   "仮パスワードをお知らせします。画面がまだ開いているときは、その画面に入力してください。",
		until:   "%sまで",
		notes: section{
			Heading: "＜ご利用上のご注意＞",
			Items: []string{
				"期限を過ぎたときは、もう一度お手続きください。",
				"使えるのは1回だけです。",
			},
		},
		button:       "仮パスワードを入力する",
		instructions: "画面を閉じたときは、ここから開けます。",
		receipt:      "受付番号：%s",
		neverAsked:   "当社から仮パスワードをおたずねすることは一切ありません。",
		notYou:       "お心当たりがない場合は、お手続きは不要です。念のため、ヘルプデスクへご連絡ください。",
	},

	passwordChanged: noticeWords{
		subject: "【%s】会員サポートパスワード変更のお知らせ",
		heading: "会員サポートパスワードが変更されました",
		intro:   "お客様の会員サポートパスワードが変更されました。",
		you:     section{Heading: "ご自身で変更された場合", Paragraphs: []string{"お手続きは不要です。"}},
		notYou: section{
			Heading: "お心当たりがない場合",
			Paragraphs: []string{
				"下の「変更に心当たりがない」を開き、次の画面で「使えなくする」ボタンを押してください。変更されたパスワードが使えなくなります。ボタンを押すまでは、何も変わりません。",
				"この手続きができるのは、変更から7日間です。過ぎたときは、ヘルプデスクへご連絡ください。",
			},
		},
		disavow: "変更に心当たりがない",
	},

	newAddress: noticeWords{
		subject:      "【%s】基本メールアドレス変更のお知らせ",
		heading:      "基本メールアドレスが変更されました",
		intro:        "お客様の基本メールアドレスが、このアドレスに変更されました。",
		addressLabel: newAddressLabel,
		you:          japaneseAddressAsked,
		notYou: section{
			Heading: "お心当たりがない場合",
			Paragraphs: []string{
				japaneseBlock,
				"アドレスを元に戻すには、ヘルプデスクへもご連絡ください。",
			},
		},
		disavow: "変更に心当たりがない",
	},

	formerAddress: noticeWords{
		subject:      "【%s】基本メールアドレス変更のお知らせ",
		heading:      "基本メールアドレスが変更されました",
		intro:        "お客様の基本メールアドレスが変更されました。",
		addressLabel: formerAddressLabel,
		you:          japaneseAddressAsked,
		notYou: section{
			Heading: "お心当たりがない場合",
			Paragraphs: []string{
				japaneseBlock,
				"アドレスを元に戻すには、ヘルプデスクへもご連絡ください。それまで仮パスワードは新しいアドレスへ届きます。",
			},
		},
		disavow: "変更に心当たりがない",
	},

	passwordVoided: japaneseVoided,

	phone:        "電話：%s",
	hours:        "受付時間：%s",
	spellTime:    spellJapanese,
	spellBriefly: spellBrieflyInJapanese,
}

// japaneseAddressAsked and japaneseBlock are said of a new address to both addresses.
var japaneseAddressAsked = section{
	Heading:    "ご自身で申し込まれた場合",
	Paragraphs: []string{"お手続きは不要です。次回も同じパスワードでログインしてください。"},
}

const japaneseBlock = "変更から7日以内に下の「変更に心当たりがない」を開き、次の画面で「使えなくする」ボタンを押してください。パスワードが使えなくなります。"

var english = words{
	salutation: "Dear customer,",
	thanks:     "Thank you for using %s.",
	neverAsked: "We will never ask you for your password.",
	linkBelow:  "If the button doesn’t work, open this address:",
	bullet:     "- ",

	temporaryPassword: temporaryPasswordWords{
		subject:      "[%s] Your temporary password",
		heading:      "Your temporary password",
		asked:        "On %s, we received a request to recover your member support password (receipt number: %s).",
		intro:        "Here is your temporary password. If the recovery page is still open, enter it there.",
		passwordName: "Temporary password",
		expiryName:   "Expiry",
		until:        "Valid until %s",
		notes: section{
			Heading: "Please note",
			Items: []string{
				"If it has expired, please start again on the recovery page.",
				"It works only once.",
			},
		},
		button:       "Enter the temporary password",
		instructions: "If you closed the page, open it again here.",
		receipt:      "Receipt number: %s",
		neverAsked:   "We will never ask you for this temporary password.",
		notYou:       "If you didn’t ask for this, you don’t need to do anything. To be safe, please tell the help desk.",
	},

	passwordChanged: noticeWords{
		subject: "[%s] Your member support password was changed",
		heading: "Your member support password was changed",
		intro:   "Your member support password was changed.",
		atName:  "Time of the change",
		you:     section{Heading: "If you changed it", Paragraphs: []string{"You don’t need to do anything."}},
		notYou: section{
			Heading: "If you didn’t change it",
			Paragraphs: []string{
				"Open “I didn’t make this change” below, and press the button “Block this password” on the next page. The new password then stops working. Nothing changes until you press it.",
				"You can do this for 7 days after the change. After that, please contact the help desk.",
			},
		},
		disavow: "I didn’t make this change",
	},

	newAddress: noticeWords{
		subject:      "[%s] Your basic mail address was changed",
		heading:      "Your basic mail address was changed",
		intro:        "Your basic mail address was changed to the address that received this email.",
		atName:       "Time of the change",
		addressLabel: newAddressLabel,
		addressName:  "New basic mail address",
		you:          englishAddressAsked,
		notYou: section{
			Heading: "If you didn’t ask for it",
			Paragraphs: []string{
				englishBlock,
				"To have your basic mail address changed back, please also contact the help desk.",
			},
		},
		disavow: "I didn’t make this change",
	},

	formerAddress: noticeWords{
		subject:      "[%s] Your basic mail address was changed",
		heading:      "Your basic mail address was changed",
		intro:        "Your basic mail address was changed to another one.",
		atName:       "Time of the change",
		addressLabel: formerAddressLabel,
		addressName:  "Former basic mail address",
		you:          englishAddressAsked,
		notYou: section{
			Heading: "If you didn’t ask for it",
			Paragraphs: []string{
				englishBlock,
				"To have your basic mail address changed back, please also contact the help desk. Until then, temporary passwords go to the new address.",
			},
		},
		disavow: "I didn’t make this change",
	},

	passwordVoided: englishVoided,

	phone:        "Phone: %s",
	hours:        "Hours: %s",
	spellTime:    spellEnglish,
	spellBriefly: spellBrieflyInEnglish,
}

var englishAddressAsked = section{
	Heading:    "If you asked for the change",
	Paragraphs: []string{"You don’t need to do anything. Next time, sign in with the password that you already have."},
}

const englishBlock = "Within 7 days after the change, open “I didn’t make this change” below, and press the button “Block this password” on the next page. The current password then stops working."
