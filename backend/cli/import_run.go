package cli

import (
	"fmt"
	"time"

	"aikagi/backend/password"
	"aikagi/backend/store"
)

// importSummary is the result of an import. The numbers count lines; each line is a member. Its JSON is stable.
type importSummary struct {
	Lines      int        `json:"lines"` // without the empty ones
	EmptyLines int        `json:"empty_lines"`
	BadLines   int        `json:"bad_lines"`
	New        int        `json:"new"`
	Unchanged  int        `json:"unchanged"`
	ToChange   int        `json:"to_change"`
	HeldBack   int        `json:"held_back"` // differs because of a later command, which the line does not undo
	AsOf       *time.Time `json:"as_of"`     // null without --update
	Written    bool       `json:"written"`   // whether the import went on to write
	Added      int        `json:"added"`
	Changed    int        `json:"changed"`
}

// importRun is one run of the command.
type importRun struct {
	*program
	command importCommand
	members *store.Members
	file    *membersFile
	update  store.Update
	twins   twins // of the file
	summary importSummary
}

// run checks the file, asks the operator, and writes. It updates the summary after each step.
func (r *importRun) run() (err error) {
	if r.twins, err = r.findTwins(); err != nil {
		return err
	}
	checked, err := r.check()
	if err != nil {
		return err
	}
	switch {
	case checked.bad.count() > 0 && (r.command.Check || !r.command.SkipBad):
		return fmt.Errorf("%s; nothing was written", count(checked.bad.count(), "bad line"))
	case r.command.Check:
		return nil
	}
	allowed, err := r.confirmChanges(checked.changed)
	if err != nil {
		return err
	}
	return r.write(checked, allowed)
}

// options says how the file is read.
func (r *importRun) options(known twins) importOptions {
	c := r.command
	return importOptions{
		Columns: c.Column, IgnoreExtra: c.IgnoreExtra, Encoding: c.Encoding, Usable: password.Usable, VoidUnusable: c.VoidUnusable,
		KeepEmptyStatus: c.Update, Twins: known, Now: r.now(),
	}
}

// lineProgress returns the progress of one reading of the file, in lines without the header.
func (r *importRun) lineProgress(did string) *progress {
	return r.progress(did, "line", max(0, r.file.lines-1))
}

// findTwins reads the file a first time, from its start.
func (r *importRun) findTwins() (twins, error) {
	progress := r.lineProgress("read")
	defer progress.clear()
	found, err := findTwins(r.file, r.options(nil), r.file.lines, func(line int) error {
		if line%importAtOnce == 0 {
			progress.at(int64(line) - 1)
		}
		return r.ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fileName(r.command.File), err)
	}
	return found, nil
}

// check reads the file a second time, and prints the bad lines and what an import would do.
func (r *importRun) check() (*pass, error) {
	check := &pass{importRun: r, progress: r.lineProgress("checked")}
	check.bad.out = besideProgress{check.progress, r.stderr}
	if err := check.run(); err != nil {
		return nil, fmt.Errorf("%s: %w", fileName(r.command.File), err)
	}
	r.summary = importSummary{
		Lines: check.lines, EmptyLines: check.empty, BadLines: check.bad.count(), New: check.added, Unchanged: check.equal,
		ToChange: check.changed, HeldBack: check.heldBack,
	}
	if r.command.Update {
		r.summary.AsOf = &r.update.AsOf
	}
	r.print("checked: %s, %d new, %d there already, %s%d bad, %s passed over\n", count(r.summary.Lines, "line"), check.added, check.equal,
		r.changesText(check, "to change"), check.bad.count(), count(check.empty, "empty line"))
	return check, nil
}

// write reads the file a third time and writes the good lines. It changes no more members than the operator has allowed.
func (r *importRun) write(checked *pass, allowed int) error {
	write := &pass{importRun: r, write: true, skip: checked.bad, limit: allowed, progress: r.lineProgress("written")}
	err := write.run()
	r.summary.Written, r.summary.Added, r.summary.Changed = true, write.added, write.changed
	if err != nil {
		done := count(write.added, "member") + " added"
		if r.command.Update {
			done += " and " + count(write.changed, "member") + " changed"
		}
		return fmt.Errorf("%s: after %s: %w; run it again to go on", fileName(r.command.File), done, err)
	}
	r.print("imported: %d added, %d there already, %s%s left out, %s passed over\n", write.added, write.equal, r.changesText(write, "changed"),
		count(checked.bad.count(), "bad line"), count(write.empty, "empty line"))
	return nil
}

// print prints text, unless the command prints JSON.
func (r *importRun) print(format string, values ...any) {
	if !r.command.JSON {
		fmt.Fprintf(r.stdout, format, values...)
	}
}

// changesText returns the part of a sentence about --update, or nothing without --update.
func (r *importRun) changesText(p *pass, changed string) string {
	if !r.command.Update {
		return ""
	}
	return fmt.Sprintf("%d %s, %d held back because of later commands, ", p.changed, changed, p.heldBack)
}

// confirmChanges asks whether that many members may be changed, and returns how many may be. It cannot ask if the standard
// input is the file.
func (r *importRun) confirmChanges(changes int) (int, error) {
	if changes == 0 && r.command.Yes == nil {
		return 0, nil
	}
	asking := *r.program
	asking.stdin.isTerminal = asking.stdin.isTerminal && r.command.File != standardInputName
	if err := asking.confirm("change", int64(changes), r.command.Yes); err != nil {
		return 0, err
	}
	if r.command.Yes != nil {
		return int(*r.command.Yes), nil
	}
	return changes, nil
}
