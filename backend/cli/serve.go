package cli

import (
	"log/slog"
	"os"

	"aikagi/backend/config"
)

type serveCommand struct {
	Demo bool `help:"Serve a demo on this machine alone: nothing to install or set, letters go to a built-in mailbox."`
}

// Run serves until a signal or a fault ends the server.
func (c serveCommand) Run(p *program) error {
	hangups := surviveSignals()
	if !c.Demo {
		reading, err := config.Read(p.args(config.All()))
		if err != nil {
			return p.logMistakes(err)
		}
		return p.serve(reading, hangups)
	}
	demo, err := openDemo(p)
	if err != nil {
		return err
	}
	defer demo.close()
	return p.serve(demo.reading, hangups)
}

// serve starts a server and stops it after a signal. It logs what goes wrong.
func (p *program) serve(reading config.Reading, hangups <-chan os.Signal) error {
	settings, level := reading.Settings, new(slog.LevelVar)
	level.Set(settings.LogLevel)
	log := newLog(settings.LogText, level, p.stderr)
	log.Info("starting", "version", version)
	server, err := start(p.ctx, settings, p.app, p.now, log)
	if err != nil {
		log.Error("the server did not start", "error", err)
		return errLogged
	}
	if settings.Demo {
		server.printDemo(p.stdout)
	}
	server.logStart(p.ctx, "public_url", settings.PublicURL, "listen", server.public.Addr().String(),
		"ops_listen", server.operations.Addr().String(), "version", version)
	go server.reloadAtHangups(p.ctx, hangups, reading, level)

	select {
	case <-p.ctx.Done():
		log.Info("stopping", "delay", settings.StopDelay.String())
		err = server.drain(p.skipDelay)
	case err = <-server.failed:
	}
	if fault := server.stop(); fault != nil {
		log.Warn("the stop was not complete", "error", fault)
	}
	if err != nil {
		log.Error("the server has ended", "error", err)
		return errLogged
	}
	log.Info("stopped")
	return nil
}
