package main

import (
	"errors"
	"path/filepath"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
)

// where says which ledger a command works on.
type where struct {
	Config string `help:"Configuration whose ledger to use." type:"existingfile" xor:"where"`
	Data   string `help:"Folder of the ledger, with the configuration last accepted into it." type:"path" xor:"where"`
}

var errNoLedger = errors.New("which ledger? Name it with --config FILE or --data DIR")

func (w where) open(env *environment) (*app.Reader, error) {
	switch {
	case w.Config != "":
		cfg, err := config.LoadFile(w.Config, app.ForReading(systemOptions()))
		if err != nil {
			return nil, err
		}
		return app.OpenReader(env.ctx, cfg, env.now)
	case w.Data != "":
		return app.OpenReaderOf(env.ctx, w.Data, app.ForReading(systemOptions()), env.now)
	}
	return nil, errNoLedger
}

// file is the ledger's path, which need not exist.
func (w where) file() (string, error) {
	switch {
	case w.Config != "":
		cfg, err := config.LoadFile(w.Config, app.ForReading(systemOptions()))
		if err != nil {
			return "", err
		}
		return filepath.Join(cfg.Ledger.Path, app.LedgerFile), nil
	case w.Data != "":
		return filepath.Join(w.Data, app.LedgerFile), nil
	}
	return "", errNoLedger
}

// ledgerCommands is govkpi ledger.
type ledgerCommands struct {
	Check   ledgerCheckCommand   `cmd:"" help:"Read the whole ledger and report every inconsistency."`
	Backup  ledgerBackupCommand  `cmd:"" help:"Write a consistent copy, also while the program runs."`
	Restore ledgerRestoreCommand `cmd:"" help:"Put a backup in the place of a ledger that is not there."`
	Import  ledgerImportCommand  `cmd:"" help:"Take past figures from a CSV file, through the gate."`
	Export  ledgerExportCommand  `cmd:"" help:"Write figures as CSV or OpenMetrics."`
}

type ledgerCheckCommand struct {
	where
}

// Run reports what is wrong with the ledger.
func (c *ledgerCheckCommand) Run(env *environment) error {
	store, err := c.openStore(env)
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // it was only read
	wrong, err := store.Check(env.ctx)
	if err != nil {
		return err
	}
	for _, sentence := range wrong {
		env.say("%s", sentence)
	}
	if len(wrong) > 0 {
		env.warn("the ledger is not sound: restore a backup with govkpi ledger restore")
		return errReported
	}
	statistics, err := store.Statistics(env.ctx)
	if err != nil {
		return err
	}
	env.say("The ledger is sound: %d facts, %d runs, %d rejections in %d bytes.",
		statistics.Facts, statistics.Runs, statistics.Rejections, statistics.Bytes)
	return nil
}

func (w where) openStore(env *environment) (*app.Store, error) {
	file, err := w.file()
	if err != nil {
		return nil, err
	}
	return app.OpenStore(env.ctx, file, env.now)
}

type ledgerBackupCommand struct {
	where
	File string `arg:"" help:"New file to write."`
}

// Run writes the backup.
func (c *ledgerBackupCommand) Run(env *environment) error {
	store, err := c.openStore(env)
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // it was only read
	if err := store.Backup(env.ctx, c.File); err != nil {
		return err
	}
	env.say("Backed up to %s.", c.File)
	return nil
}

type ledgerRestoreCommand struct {
	where
	File string `arg:"" help:"Backup to restore." type:"existingfile"`
}

// Run restores the backup.
func (c *ledgerRestoreCommand) Run(env *environment) error {
	file, err := c.file()
	if err != nil {
		return err
	}
	if err := app.Restore(env.ctx, c.File, file); err != nil {
		return err
	}
	env.say("Restored %s.", file)
	return nil
}
