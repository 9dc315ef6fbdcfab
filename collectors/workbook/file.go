package workbook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/spreadsheet"
	"github.com/govkpi/govkpi/internal/written"
)

// file takes one file: it is passed over where it is known, read and delivered
// otherwise. An error ends the pull.
func (p *pull) file(ctx context.Context, name string) error {
	at := filepath.Join(p.place.folder, filepath.FromSlash(name))
	digest, err := fileDigest(ctx, at, p.limits.FileBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has gone since the folder was listed
	}
	question := p.ask(name)
	part := collectors.Part{Name: name, Whole: true, Summary: collectors.Summary{QueryDigest: question, InputDigest: digest}}
	history, err := p.history(ctx, name, question, digest)
	switch {
	case err != nil:
		return fmt.Errorf("file %s: %w", name, err)
	case history.known:
		return nil
	case history.twin != "":
		return p.deliver(ctx, part, content{}, history.twin)
	}
	read, digest, err := p.read(ctx, name, at)
	if digest != "" {
		part.InputDigest = digest
	}
	part.Rows = read.rows
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("file %s: %w", name, ctx.Err())
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		if err := p.sink.Reject(unreadable(err)); err != nil {
			return fmt.Errorf("file %s: %w", name, err)
		}
	}
	return p.deliver(ctx, part, read, "")
}

// deliver ends the file and leaves its receipt.
func (p *pull) deliver(ctx context.Context, part collectors.Part, read content, twin string) error {
	p.delivered++
	receipt, err := p.sink.Deliver(ctx, part)
	if err != nil {
		return fmt.Errorf("file %s: %w", part.Name, err)
	}
	if p.request.DryRun {
		return nil
	}
	p.receipts.write(part.Name, receiptText(&note{
		name: part.Name, now: p.request.Now, receipt: receipt, read: read, twin: twin, register: p.layout.Register != nil,
	}))
	return nil
}

// read opens a file and hands its content to the sink. An error is a
// *spreadsheet.Fault, or our own failure, which is kept for the end of the pull
// too; it may come after a part of the content has been handed over.
func (p *pull) read(ctx context.Context, name, at string) (content, string, error) {
	book, err := spreadsheet.Open(ctx, at, p.limits)
	if err != nil {
		return content{}, "", p.failing(ctx, name, err)
	}
	defer func() { _ = book.Close() }()
	read, err := p.readSheets(ctx, origins{file: name, target: p.request.Target.Code}, book, p.sink)
	return read, book.Digest(), p.failing(ctx, name, err)
}

func (p *pull) failing(ctx context.Context, name string, err error) error {
	if fault := new(spreadsheet.Fault); err == nil || ctx.Err() != nil || errors.As(err, &fault) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = fmt.Errorf("file %s: %w", name, err)
	p.fail(err)
	return err
}

// unreadable rejects a file as a whole.
func unreadable(err error) fact.Rejection {
	reason := fact.Text{
		ZH: "系统读取该文件时出错，不是文件本身的问题：下次采集会重试，请通知系统管理员。",
		EN: "reading the file failed, which is not the file's fault: it will be tried again, tell the administrator.",
	}
	if fault := new(spreadsheet.Fault); errors.As(err, &fault) {
		reason = fault.Reason
	}
	return fact.Rejection{Stage: fact.StageFileReadable, Reason: reason}
}

// history is what the ledger knows of a file.
type history struct {
	known bool   // its content was the last under its name, and without a fault
	twin  string // another file that brought the same content, where this one is new
}

// mostEarlier is how many deliveries of the same content are looked through.
const mostEarlier = 20

func (p *pull) history(ctx context.Context, name, question, digest string) (history, error) {
	if digest == "" {
		return history{}, nil
	}
	last, err := p.sink.Delivered(ctx, fact.DeliveryQuery{Target: name, Limit: 1})
	if err != nil {
		return history{}, fmt.Errorf("ask what was delivered before: %w", err)
	}
	if len(last) > 0 {
		clean := last[0].Rejected == 0 && last[0].InputDigest == digest && last[0].QueryDigest == question
		return history{known: clean}, nil
	}
	same, err := p.sink.Delivered(ctx, fact.DeliveryQuery{QueryDigest: question, InputDigest: digest, Limit: mostEarlier})
	if err != nil {
		return history{}, fmt.Errorf("ask what was delivered before: %w", err)
	}
	for _, d := range same {
		if d.Rejected == 0 {
			return history{twin: d.Target}, nil
		}
	}
	return history{}, nil
}

// fileDigest returns the SHA-256 of a file in hex, and nothing for one that is
// larger than any that will be read.
func fileDigest(ctx context.Context, file string, limit int64) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", file, err)
	}
	defer func() { _ = f.Close() }()
	hash := sha256.New()
	n, err := io.Copy(hash, untilDone{ctx, io.LimitReader(f, limit+1)})
	if err != nil {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	if n > limit {
		return "", nil
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// untilDone reads until the context is done.
type untilDone struct {
	ctx context.Context //nolint:containedctx // io.Reader has no room for it
	r   io.Reader
}

// Read implements io.Reader.
func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p) //nolint:wrapcheck // fileDigest does it
}

// readingVersion changes when the same file would be read otherwise than before,
// so that all files are read again.
const readingVersion = 2

// question is a digest of what is asked of every file.
func (s *settings) question(target collectors.Target) string {
	sheets := make([]string, 0, len(s.sheets))
	for _, glob := range s.sheets {
		sheets = append(sheets, strings.Join(glob, "/"))
	}
	asked, err := json.Marshal(struct {
		Version    int
		Layout     collectors.Layout
		Aliases    map[string][]string
		Sheets     []string
		PeriodFrom origin
		Target     string
	}{readingVersion, s.layout, s.aliases, sheets, s.periodFrom, target.Code})
	if err != nil {
		panic(err) // nothing in it can fail
	}
	return digestOf(asked)
}

// ask is a digest of what is asked of one file: with what its name and folders say
// of the period, the same content means something else under another name.
func (p *pull) ask(name string) string {
	around := surroundings{file: name}
	var says []string
	switch {
	case p.layout.Register != nil:
	case p.periodFrom == fromColumn:
		if year, ok := around.year(); ok {
			says = append(says, strconv.Itoa(year))
		}
	default:
		for _, text := range around.fileNames() {
			if year, ok := written.FindYear(text); ok {
				says = append(says, strconv.Itoa(year))
			}
			says = append(says, around.phrases(text)...)
			says = append(says, yearless().FindAllString(plain(text), -1)...)
		}
	}
	if len(says) == 0 {
		return p.question
	}
	return digestOf([]byte(p.question + "\n" + strings.Join(says, "\n")))
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
