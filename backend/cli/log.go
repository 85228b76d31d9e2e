package cli

import (
	"errors"
	"io"
	"log/slog"
	"os"

	"github.com/mattn/go-isatty"

	"aikagi/backend/config"
)

func newLog(asText bool, level slog.Leveler, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if asText {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}

// logMistakes logs each mistake in a server's settings as one line in LOG_FORMAT, because programs read the log. On a terminal
// it logs nothing and returns the error, so that the operator sees the same list as from other commands.
func (p *program) logMistakes(err error) error {
	var found *config.MistakesError
	if !errors.As(err, &found) || isTerminal(p.stderr) {
		return err
	}
	log := newLog(found.LogText, slog.LevelError, p.stderr)
	for _, m := range found.Mistakes {
		log.Error("a setting is wrong; the server does not start", "setting", m.Setting, "from", m.From, "wrong", m.Wrong, "right", m.Right)
	}
	return errMistakesLogged
}

func isTerminal(out io.Writer) bool {
	file, isFile := out.(*os.File)
	return isFile && isatty.IsTerminal(file.Fd())
}
