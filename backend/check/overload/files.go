package main

import (
	"context"
	"fmt"
	"time"

	"aikagi/backend/testkit/fleet"
)

// fileLimit is how many files the program may open where they are few, tooMany how many connections come.
const (
	fileLimit = 400
	tooMany   = 3 * fileLimit
)

// fewFiles opens more connections than the program may have files, and looks that it neither ends nor spins, serves
// a member meanwhile, and is itself again afterwards. First they stay as they are, then each that is ended comes again.
func (c *check) fewFiles(on string) error {
	s, err := c.serve(on, "files", fleet.Settings{Files: fileLimit, More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	s.walkTimes(5).report("a recovery before")

	all, err := s.hold(tooMany, "")
	if err != nil {
		figure("some could not be opened", "%v", err)
	}
	used, begun := cpu(s.Process), time.Now()
	time.Sleep(3 * time.Second)
	burnt := share(cpu(s.Process)-used, time.Since(begun))
	figure("connections opened", "%d; %d files open in the program, allowed are %d", len(all), files(s.Process), fileLimit)
	c.bound(s.Runs() && burnt < 50, "the program neither ends nor spins (%.0f %% of one core)", burnt)
	if err := closeAll(all); err != nil {
		return err
	}

	besieging := &crowd{behave: trickle("", "")}
	walked, err := s.meanwhile(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), c.lasts)
		defer cancel()
		besieging.run(ctx, s, tooMany)
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("  %d connections, and a new one for each that is ended\n", tooMany)
	figure("ended", "%s", &besieging.lived)
	walked.report("a recovery meanwhile")
	c.judge(walked, stepBound)

	after := s.walkTimes(5)
	after.report("a recovery afterwards")
	c.judge(after, stepBound)
	c.running(s)
	return nil
}
