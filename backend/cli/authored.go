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

// authored are the flags of each command that does something to members.
type authored struct {
	By     *string `help:"Who does it; members show tells it, members never see it. By default SUDO_USER, else the system's user." placeholder:"NAME"`
	Reason string  `help:"Why, in one line; shown and hidden like the name." placeholder:"TEXT"`
}

// author reads the flags and, without --by, the environment.
func (a authored) author(p *program) (member.Author, error) {
	name, said := p.operatorName(), ""
	if a.By != nil {
		name = *a.By
	} else {
		said = " (of the system's user; --by NAME gives another)"
	}
	author, err := member.NewAuthor(name, a.Reason)
	if err != nil {
		return author, fmt.Errorf("%w: --by or --reason: %w%s; nothing was changed", errUsage, err, said)
	}
	return author, nil
}

// operatorName is the user who called sudo, else the user that the program runs as. In a container without a list of
// users only the number is known.
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
