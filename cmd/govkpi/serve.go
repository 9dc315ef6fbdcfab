package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
)

// serveCommand is govkpi serve.
type serveCommand struct {
	Config        string        `help:"Configuration to run." type:"existingfile" required:""`
	Listen        string        `help:"Address to serve on." default:":9600"`
	WebConfigFile string        `help:"Prometheus web configuration file with TLS, basic auth and client certificates." type:"existingfile" name:"web-config-file"`
	Decider       []string      `help:"Who may decide over HTTP, by the user or the certificate's common name that they log in with; repeatable. Everybody else can only look." sep:"none"`
	StopWithin    time.Duration `help:"How long running collectors may finish at the end." default:"30s" name:"stop-within"`
}

// Run serves until the environment's context ends.
func (c *serveCommand) Run(env *environment) error {
	server := server{
		listen: c.Listen, webConfigFile: c.WebConfigFile, stopWithin: c.StopWithin,
		options: app.Options{
			Load: func() (*config.Config, error) { return config.LoadFile(c.Config, systemOptions()) },
			Now:  env.now, Log: env.log, Version: version, Revision: revision, Deciders: c.Decider,
		},
	}
	return server.run(env.ctx)
}

// systemOptions reads references to secrets from the environment and the disk.
func systemOptions() config.Options {
	return config.Options{Env: os.LookupEnv, ReadSecret: os.ReadFile}
}

// server runs an App behind an HTTP server, and takes SIGHUP as a reload.
type server struct {
	listen        string
	webConfigFile string
	stopWithin    time.Duration
	options       app.Options
	// prepare is called once the ledger is this program's alone and before any
	// collector runs; nil is nothing to do.
	prepare func(ctx context.Context) error
	// started is called with the address once it is served and the collectors
	// run; nil is nothing to do.
	started func(ctx context.Context, a *app.App, address string) error
}

// gcPercent trades time for memory: the program collects for seconds in an hour
// and holds its figures all the time.
const gcPercent = 50

func (s *server) run(ctx context.Context) (err error) {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	// A hangup that comes while the program starts or stops must not end it.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	if err := toolkit.Validate(s.webConfigFile); err != nil {
		return fmt.Errorf("web configuration %s: %w", s.webConfigFile, err)
	}
	if s.webConfigFile != "" {
		s.options.Login = s.login
	}
	// Listening first refuses a second start before it touches the ledger.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w: stop what uses the address, or give another with --listen", s.listen, err)
	}
	a, err := app.New(ctx, s.options)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	httpServer := &http.Server{Handler: a.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelWarn)}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.stopWithin)
		defer cancel()
		err = errors.Join(err, shutDown(stopping, httpServer), a.Stop(stopping))
	}()
	if s.prepare != nil {
		if err := s.prepare(ctx); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	served := make(chan error, 1)
	go func() {
		systemd := false
		served <- toolkit.Serve(listener, httpServer, &toolkit.FlagConfig{
			WebListenAddresses: &[]string{s.listen}, WebSystemdSocket: &systemd, WebConfigFile: &s.webConfigFile,
		}, a.Log)
	}()
	if s.started != nil {
		if err := s.started(ctx, a, listener.Addr().String()); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return s.wait(ctx, a, served, hangup)
}

// login reports whether the password of a user is checked. The toolkit reads the
// file anew for every request, and so does this.
func (s *server) login(user string) bool {
	users, err := config.WebUsers(s.webConfigFile)
	return err == nil && users[user]
}

// shutDown lets requests finish until ctx ends. What is cut off then is a slow
// reader or a run that somebody asked for; the collectors' end tells of the run.
func shutDown(ctx context.Context, server *http.Server) error {
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}

// wait reloads at every SIGHUP until the context ends or serving fails.
func (s *server) wait(ctx context.Context, a *app.App, served <-chan error, hangup <-chan os.Signal) error {
	for {
		select {
		case <-ctx.Done():
			a.Log.InfoContext(ctx, "stopping; running collectors may finish", "within", s.stopWithin)
			return nil
		case err := <-served:
			return fmt.Errorf("serve %s: %w", s.listen, err)
		case <-hangup:
			_ = a.Reload(ctx) // it has logged what is wrong, and nothing changed
		}
	}
}
