package sqlite

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/govkpi/govkpi/internal/ledger"
)

// Accept records a configuration: see ledger.Store.
func (s *Store) Accept(ctx context.Context, c ledger.Configuration) (changed bool, err error) {
	err = s.write(ctx, "record the configuration", func(tx *sql.Tx) error {
		var (
			digest string
			last   int64
		)
		err := tx.QueryRowContext(ctx, "SELECT digest, accepted FROM configuration ORDER BY id DESC LIMIT 1").Scan(&digest, &last)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			last = c.Accepted.UnixMilli()
		case err != nil:
			return err
		case digest == c.Digest:
			return nil
		}
		changed = true
		return insertConfiguration(ctx, tx, c, max(last, c.Accepted.UnixMilli()))
	})
	return changed && err == nil, err
}

func insertConfiguration(ctx context.Context, tx *sql.Tx, c ledger.Configuration, accepted int64) error {
	var id int64
	if err := tx.QueryRowContext(ctx, "INSERT INTO configuration (digest, accepted) VALUES (?, ?) RETURNING id", c.Digest, accepted).Scan(&id); err != nil {
		return err
	}
	for i, file := range c.Files {
		content, err := keepContent(ctx, tx, file.Content)
		if err != nil {
			return fmt.Errorf("file %s: %w", file.Name, err)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO configuration_file (configuration, position, name, content) VALUES (?, ?, ?, ?)",
			id, i+1, file.Name, content); err != nil {
			return fmt.Errorf("file %s: %w", file.Name, err)
		}
	}
	return nil
}

// keepContent returns the id of the content, which is stored once however many
// configurations have it.
func keepContent(ctx context.Context, tx *sql.Tx, content []byte) (id int64, err error) {
	digest := contentDigest(content)
	err = tx.QueryRowContext(ctx, "SELECT id FROM content WHERE digest = ?", digest).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, "INSERT INTO content (digest, size, gzip) VALUES (?, ?, ?) RETURNING id", digest, len(content), b.Bytes()).Scan(&id)
	return id, err
}

func contentDigest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func unpackContent(compressed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// ConfigurationAt returns what was in force at t: see ledger.Store.
func (s *Store) ConfigurationAt(ctx context.Context, t time.Time) (c ledger.Configuration, err error) {
	err = s.read(ctx, "read the configuration", func(tx *sql.Tx) error {
		var (
			id       int64
			accepted sql.NullInt64
		)
		err := tx.QueryRowContext(ctx, "SELECT id, digest, accepted FROM configuration WHERE accepted <= ? ORDER BY id DESC LIMIT 1", t.UnixMilli()).
			Scan(&id, &c.Digest, &accepted)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("none was in force at %s: %w", t.Format(time.RFC3339), ledger.ErrNotFound)
		}
		if err != nil {
			return err
		}
		c.Accepted = fromMillis(accepted)
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			var (
				file       ledger.ConfigurationFile
				compressed []byte
			)
			if err := rows.Scan(&file.Name, &compressed); err != nil {
				return err
			}
			if file.Content, err = unpackContent(compressed); err != nil {
				return fmt.Errorf("%w: file %s: %w", errDamaged, file.Name, err)
			}
			c.Files = append(c.Files, file)
			return nil
		}, `SELECT name, gzip FROM configuration_file AS f JOIN content ON content.id = f.content WHERE configuration = ? ORDER BY position`, id)
	})
	if err != nil {
		return ledger.Configuration{}, err
	}
	return c, nil
}

// Configurations lists them all, newest first: see ledger.Store.
func (s *Store) Configurations(ctx context.Context) ([]ledger.Configuration, error) {
	var list []ledger.Configuration
	err := s.read(ctx, "list configurations", func(tx *sql.Tx) error {
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			var (
				c        ledger.Configuration
				accepted sql.NullInt64
			)
			err := rows.Scan(&c.Digest, &accepted)
			c.Accepted = fromMillis(accepted)
			list = append(list, c)
			return err
		}, "SELECT digest, accepted FROM configuration ORDER BY id DESC")
	})
	return list, err
}
