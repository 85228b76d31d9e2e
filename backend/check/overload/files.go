package main

import (
	"context"
	"fmt"
	"time"

	"aikagi/backend/testkit/fleet"
)

// fileLimit is how many files the program may open, tooMany how many connections are opened.
const (
	fileLimit = 400
	tooMany   = 3 * fileLimit
)

// fewFiles opens more connections than the program may have files. The program must neither end nor use a core for nothing; it
// must serve members during the attack and after it. First the connections stay open; then a new one replaces each that the
// program closes.
func (c *check) fewFiles(on string) error {
	s, err := c.serve(on, "files", fleet.Settings{Files: fileLimit, More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	s.recoverTimes(5).report("a recovery before")

	all, err := s.openMany(tooMany, "")
	if err != nil {
		figure("some could not be opened", "%v", err)
	}
	used, begun := cpuTime(s.Process), time.Now()
	time.Sleep(3 * time.Second)
	spent := percentOfCore(cpuTime(s.Process)-used, time.Since(begun))
	figure("connections opened", "%d; %d files open in the program, allowed are %d", len(all), openFiles(s.Process), fileLimit)
	c.bound(s.Runs() && spent < 50, "the program neither ends nor uses a core for nothing (%.0f %% of one core)", spent)
	if err := closeAll(all); err != nil {
		return err
	}

	attacking := &connections{use: sendSlowly("", "")}
	recovered, err := s.recoverWhile(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), c.lasts)
		defer cancel()
		attacking.run(ctx, s, tooMany)
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("  %d connections, and a new one for each that is closed\n", tooMany)
	figure("closed", "%s", &attacking.lived)
	recovered.report("a recovery meanwhile")
	c.judgeRecoveries(recovered, stepBound)

	after := s.recoverTimes(5)
	after.report("a recovery afterwards")
	c.judgeRecoveries(after, stepBound)
	c.judgeServing(s)
	return nil
}
