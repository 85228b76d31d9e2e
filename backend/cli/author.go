package cli

import (
	"cmp"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"aikagi/backend/member"
)

// authorFlags are the flags of each command that changes members: the operator's name and the reason.
type authorFlags struct {
	By     *string `help:"The name of the operator. members show prints it; members never see it. By default SUDO_USER, else the system's user." placeholder:"NAME"`
	Reason *string `help:"The reason, in one line. members show prints it; members never see it." placeholder:"TEXT"`
}

// author returns the author that the flags name. Without --by the name comes from the environment.
func (a authorFlags) author(p *program) (member.Author, error) {
	name, source := p.operatorName(), " (of the system's user; --by NAME gives another)"
	if a.By != nil {
		name, source = *a.By, ""
	}
	author, err := member.NewAuthor(name)
	if err != nil {
		return author, fmt.Errorf("%w: --by: %w%s; nothing was changed", errUsage, err, source)
	}
	if a.Reason == nil {
		return author, nil
	}
	if author, err = author.WithReason(*a.Reason); err != nil {
		return author, fmt.Errorf("%w: --reason: %w; nothing was changed", errUsage, err)
	}
	return author, nil
}

// operatorName returns the user who called sudo, or else the user that the program runs as. A container without a list of
// users knows only the user's number.
func (p *program) operatorName() string {
	sudoUser := ""
	for _, variable := range p.environ {
		if value, is := strings.CutPrefix(variable, "SUDO_USER="); is {
			sudoUser = value
		}
	}
	systemUser := "uid " + strconv.Itoa(os.Getuid())
	if current, err := user.Current(); err == nil {
		systemUser = cmp.Or(current.Username, systemUser)
	}
	return cmp.Or(sudoUser, systemUser)
}
