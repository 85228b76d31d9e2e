package cli

type membersCommand struct {
	Import  importCommand  `cmd:"" help:"Add members from a CSV file."`
	Export  exportCommand  `cmd:"" help:"Write all members as the CSV that import reads."`
	Show    showCommand    `cmd:"" help:"Show a member, or what became of a receipt number, as a timeline."`
	SetMail setMailCommand `cmd:"" help:"Give a member a new basic mail address; a notice goes to the former and to the new one."`
	Suspend suspendCommand `cmd:"" help:"Keep a member from signing in and recovering."`
	Cancel  cancelCommand  `cmd:"" help:"End a membership: like suspend; resume brings it back."`
	Forget  forgetCommand  `cmd:"" help:"Delete a cancelled member and what names the member."`
	Resume  resumeCommand  `cmd:"" help:"Let a suspended or cancelled member in again."`
	Void    voidCommand    `cmd:"" help:"Make passwords unusable, so that only recovery lets the members in."`
}
