package cli

import (
	"context"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

type membersCommand struct {
	Import  importCommand  `cmd:"" help:"Add members from a CSV file."`
	Export  exportCommand  `cmd:"" help:"Write all members as the CSV that import reads."`
	Show    showCommand    `cmd:"" help:"Show a member, or what became of a receipt number, as a timeline."`
	SetMail setMailCommand `cmd:"" help:"Give a member a new basic mail address; a notice goes to the former and to the new one."`
	Suspend suspendCommand `cmd:"" help:"Keep a member from signing in and recovering."`
	Cancel  cancelCommand  `cmd:"" help:"End a membership: like suspend; resume brings it back."`
	Forget  forgetCommand  `cmd:"" help:"Delete a cancelled member and everything that names the member."`
	Resume  resumeCommand  `cmd:"" help:"Let a suspended or cancelled member in again."`
	Void    voidCommand    `cmd:"" help:"Make passwords unusable, so that only recovery lets the members in."`
}

// membersNamed returns the members that have one of the login IDs.
func membersNamed(ctx context.Context, members *store.Members, ids []member.LoginID) (map[member.LoginID]member.Member, error) {
	found, err := members.MembersNamed(ctx, ids)
	named := make(map[member.LoginID]member.Member, len(found))
	for _, m := range found {
		named[m.LoginID] = m
	}
	return named, err
}

// memberNamed returns the member that has the login ID, or an error that says that there is none.
func memberNamed(ctx context.Context, members *store.Members, id member.LoginID) (member.Member, error) {
	found, err := members.MembersNamed(ctx, []member.LoginID{id})
	if err != nil {
		return member.Member{}, err
	}
	if len(found) == 0 {
		return member.Member{}, fmt.Errorf("no member has the login ID %s", id)
	}
	return found[0], nil
}
