package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/quality"
	"github.com/govkpi/govkpi/internal/web"
	"github.com/govkpi/govkpi/internal/written"
)

// What commands and requests ask for.
type (
	// Order is what somebody decides.
	Order = web.Order
	// Question names figures.
	Question = web.Question
	// HeldQuery selects held figures.
	HeldQuery = ledger.HeldQuery
	// DecisionQuery selects decisions.
	DecisionQuery = ledger.DecisionQuery
)

// APIPrefix begins the addresses of the JSON API.
const APIPrefix = web.APIPrefix

// Decided is what became of an order.
type Decided struct {
	Run     int64           `json:"run"` // its record
	Figures []DecidedFigure `json:"figures"`
}

// DecidedFigure is a figure that was decided on.
type DecidedFigure struct {
	Indicator  string  `json:"indicator"`
	Code       string  `json:"code"`
	Name       string  `json:"name"`
	Dimensions string  `json:"dimensions,omitempty"`
	Period     string  `json:"period"`
	Value      float64 `json:"value"`
	Revision   int32   `json:"revision"` // 0 of one that was rejected
}

// refusal is an error that tells whoever asked what is wrong.
type refusal struct {
	status int
	text   fact.Text
	cause  error
}

func (r *refusal) Error() string { return r.text.EN }

func (r *refusal) Unwrap() error { return r.cause }

// Explain is what web tells the user.
func (r *refusal) Explain() fact.Text { return r.text }

// Status is that of the answer.
func (r *refusal) Status() int { return r.status }

func refuse(zh, en string, args ...any) error {
	return refuseAs(http.StatusUnprocessableEntity, fact.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
}

func refuseAs(status int, text fact.Text) error { return &refusal{status: status, text: text} }

// Decide implements web.Figures.
func (a *App) Decide(ctx context.Context, order Order) (any, error) { return a.Order(ctx, order) }

// Order takes a decision in the name of its By, one after the other. The error
// of an order that can't be taken says why, and nothing is changed then.
func (a *App) Order(ctx context.Context, order Order) (decided Decided, err error) {
	if err := signed(order.By, order.Reason); err != nil {
		return decided, err
	}
	err = a.oneByOne(ctx, func(ctx context.Context, s *site) error {
		values := map[fact.Key]float64{}
		delivery, err := a.delivery(ctx, s, order, values)
		if err != nil {
			return err
		}
		run := fact.Run{Collector: string(order.Action), Origin: fact.Decided, By: order.By, Reason: order.Reason, Attempt: 1}
		committed, err := a.record(ctx, &run, delivery)
		if err != nil {
			return err
		}
		decided = s.decided(run.ID, committed, values)
		return nil
	})
	return decided, err
}

// The longest name and reason that the record takes, in characters.
const (
	longestName   = 100
	longestReason = 1000
)

// signed refuses a decision without a name or a reason.
func signed(by, reason string) error {
	for _, entry := range []struct {
		zh, en, text string
		longest      int
	}{{"姓名", "name", by, longestName}, {"理由", "reason", reason, longestReason}} {
		switch {
		case strings.TrimSpace(entry.text) == "":
			return refuse("请写明%[1]s：每个决定都要记录由谁作出、为何作出。", "The %[2]s is missing: the record says who decided what, and why.", entry.zh, entry.en)
		case utf8.RuneCountInString(entry.text) > entry.longest || strings.ContainsFunc(entry.text, unprintable):
			return refuse("%[1]s须为一行文字，最多 %[3]d 个字。", "The %[2]s must be one line of at most %[3]d characters.", entry.zh, entry.en, entry.longest)
		}
	}
	return nil
}

// oneByOne does something for somebody who decides, while nobody else decides and
// no delivery is between the gate and the ledger.
func (a *App) oneByOne(ctx context.Context, work func(ctx context.Context, s *site) error) error {
	return a.askedFor(ctx, func(ctx context.Context, s *site) error {
		a.deciding.Lock()
		defer a.deciding.Unlock()
		return work(ctx, s)
	})
}

// askedFor does something for somebody; it ends with the App.
func (a *App) askedFor(ctx context.Context, work func(ctx context.Context, s *site) error) error {
	a.asked.Add(1)
	defer a.asked.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.stopping, cancel)() //nolint:contextcheck // either context ends it
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the program is stopping: %w", err)
	}
	return work(ctx, a.site.Load())
}

// record keeps a delivery as a run of its own. A commit that has begun is
// finished whatever happens to ctx.
func (a *App) record(ctx context.Context, run *fact.Run, delivery fact.Delivery) (fact.Committed, error) {
	run.Start, run.Outcome = a.Now(), fact.Running
	id, err := a.store.Begin(ctx, *run)
	if err != nil {
		return fact.Committed{}, err
	}
	ctx = context.WithoutCancel(ctx)
	run.ID, delivery.Run = id, id
	committed, err := a.ledger().Commit(ctx, delivery)
	run.End, run.Outcome = a.Now(), fact.Succeeded
	run.Accepted, run.Changed = len(delivery.Facts), len(committed.Facts)
	if err != nil {
		run.Outcome, run.Error = fact.Failed, err.Error()
	}
	if ended := a.store.End(ctx, *run); ended != nil {
		// What was committed stands; the next start marks the run as ended.
		a.Log.ErrorContext(ctx, "the end of a decision's run can't be recorded", "run", id, "err", ended)
	}
	switch {
	case errors.Is(err, ledger.ErrConflict):
		return committed, &refusal{
			status: http.StatusConflict, cause: err,
			text: fact.Text{ZH: "按目前的状态无法这样决定：可能已有人作出决定，或数据已变；govkpi decisions 可查。", EN: run.Error},
		}
	case err != nil:
		return committed, err
	}
	a.Log.InfoContext(ctx, "decision recorded", "action", run.Collector, "run", id, "by", run.By, "reason", run.Reason,
		"decisions", len(committed.Decisions), "facts", len(committed.Facts))
	return committed, nil
}

// unprintable finds what would break a line, or a terminal.
func unprintable(r rune) bool { return r == utf8.RuneError || r != ' ' && !unicode.IsPrint(r) }

// delivery is what an order brings the ledger. It adds what the figures are to
// values.
func (a *App) delivery(ctx context.Context, s *site, order Order, values map[fact.Key]float64) (fact.Delivery, error) {
	switch order.Action {
	case fact.Confirm:
		decisions, err := a.confirmations(ctx, s, order, values)
		return fact.Delivery{Decisions: decisions}, err
	case fact.Release, fact.Reject:
		return a.onHeld(ctx, s, order, values)
	case fact.Correct:
		return a.correction(ctx, s, order, values)
	}
	return fact.Delivery{}, refuse("没有“%s”这种决定。", "There is no decision %q.", order.Action)
}

// onHeld decides on held figures. One that is released has to pass the gate as
// any other, but for the doubt that it was held for.
func (a *App) onHeld(ctx context.Context, s *site, order Order, values map[fact.Key]float64) (fact.Delivery, error) {
	if len(order.Held) == 0 {
		return fact.Delivery{}, refuse("请写明待核实数据的编号，govkpi held 可列出。", "Say which held figures are meant, by their numbers in govkpi held.")
	}
	var (
		delivery fact.Delivery
		released []fact.Reading
	)
	for _, id := range order.Held {
		held, err := a.store.Held(ctx, ledger.HeldQuery{ID: id})
		if err != nil {
			return delivery, err
		}
		if id <= 0 || len(held) == 0 {
			return delivery, refuse("没有编号为 %[1]d 的待核实数据，govkpi held 可列出现有的。", "There is no held figure %[1]d; govkpi held lists those there are.", id)
		}
		h := &held[0]
		values[h.Key] = h.Value
		delivery.Decisions = append(delivery.Decisions, fact.Decision{Key: h.Key, Action: order.Action, Held: id})
		if order.Action == fact.Release && h.Waits() {
			released = append(released, fact.Reading{
				Indicator: h.Indicator, Region: h.Region, Dimensions: h.Dimensions, Period: h.Period.String(), Value: fact.NumberValue(h.Value),
			})
		}
	}
	_, err := s.declared(ctx, released...)
	return delivery, err
}

// declared passes what a person stands up for through the gate. Why it can't be
// is for that person.
func (s *site) declared(ctx context.Context, readings ...fact.Reading) ([]fact.Fact, error) {
	intake := s.gate.Open(quality.Terms{Declared: true})
	for _, r := range readings {
		if err := intake.Add(r); err != nil {
			return nil, err
		}
	}
	verdict, err := intake.Close(ctx)
	if err == nil && len(verdict.Rejections) > 0 {
		err = refuseAs(http.StatusUnprocessableEntity, verdict.Rejections[0].Reason)
	}
	return verdict.Facts, err
}

// correction passes the figure through the gate as a declared one.
func (a *App) correction(ctx context.Context, s *site, order Order, values map[fact.Key]float64) (fact.Delivery, error) {
	pairs := make([]fact.Pair, 0, len(order.Dimensions))
	for name, value := range order.Dimensions {
		pairs = append(pairs, fact.Pair{Name: name, Value: value})
	}
	facts, err := s.declared(ctx, fact.Reading{
		Indicator: order.Indicator, Region: order.Region, Period: order.Period,
		Value: fact.TextValue(order.Value), Dimensions: fact.MakeDimensions(pairs...),
	})
	if err != nil {
		return fact.Delivery{}, err
	}
	if len(facts) != 1 {
		return fact.Delivery{}, fmt.Errorf("the gate made %d facts of one correction", len(facts))
	}
	key := facts[0].Key()
	values[key] = facts[0].Value
	if order.Was != "" {
		if err := a.stillIs(ctx, key, order.Was); err != nil {
			return fact.Delivery{}, err
		}
	}
	return fact.Delivery{Facts: facts, Rows: 1, Decisions: []fact.Decision{{Key: key, Action: fact.Correct}}}, nil
}

// stillIs refuses where the figure is not what whoever decides takes it for.
func (a *App) stillIs(ctx context.Context, key fact.Key, was string) error {
	seen, err := written.Number(was)
	if err != nil {
		return refuse("was 须为数字。", "was: %[1]v.", err)
	}
	is, err := valueOf(ctx, a.store, key, 0)
	if err != nil || is == fact.Some(seen) {
		return err
	}
	return changed("该数据已不是 "+was+"，请先查看现值。", fmt.Sprintf("The figure is not %s any more: look at it first.", was))
}

// valueOf returns the value of a figure in a revision, or with 0 in its newest;
// missing where there is none.
func valueOf(ctx context.Context, store *Store, key fact.Key, revision int32) (value fact.Optional, err error) {
	err = store.Facts(ctx, ledger.FactQuery{
		Indicators: []string{key.Indicator}, Region: key.Region, From: key.Period, To: key.Period, AllRevisions: revision != 0,
	}, func(f fact.Fact) error {
		if f.Key() == key && (revision == 0 || f.Revision == revision) {
			value = fact.Some(f.Value)
		}
		return nil
	})
	return value, err
}

// changed refuses a decision on what somebody saw and is no more.
func changed(zh, en string) error {
	return refuseAs(http.StatusConflict, fact.Text{ZH: zh, EN: en})
}

// confirmations are of all figures of an indicator and period that nobody has
// confirmed in their newest revision, or of those in some regions.
func (a *App) confirmations(ctx context.Context, s *site, order Order, values map[fact.Key]float64) ([]fact.Decision, error) {
	indicator, period, err := s.figures(order.Indicator, order.Period)
	if err != nil {
		return nil, err
	}
	if !indicator.SignOff {
		return nil, refuse("指标 %s 不需要确认：目录中没有 sign_off。", "%s needs no confirmation: the catalogue does not ask for sign_off.", indicator.ID)
	}
	wanted := map[string]bool{}
	for _, name := range order.Regions {
		region, err := s.register.Resolve(name, indicator.Levels, nil)
		if err != nil {
			return nil, err // it explains itself
		}
		wanted[region.Code] = true
	}
	confirmed, err := newestConfirmed(ctx, a.store, indicator.ID, period)
	if err != nil {
		return nil, err
	}
	seen, err := instantBefore(order.AsKnownAt, s.config.Site.Zone, a.Now())
	if err != nil {
		return nil, refuse("as_known_at 须为日期或时间。", "as_known_at: %[1]v.", err)
	}
	newer := 0
	var decisions []fact.Decision
	err = a.store.Facts(ctx, ledger.FactQuery{Indicators: []string{indicator.ID}, From: period, To: period}, func(f fact.Fact) error {
		if f.Period == period && (len(wanted) == 0 || wanted[s.register.current(f.Region)]) && confirmed[f.Key()] != f.Revision {
			if !seen.IsZero() && f.Recorded > seen.UnixMilli() {
				newer++
			}
			values[f.Key()] = f.Value
			decisions = append(decisions, fact.Decision{Key: f.Key(), Action: fact.Confirm, Revision: f.Revision})
		}
		return nil
	})
	switch {
	case err != nil:
	case newer > 0:
		err = changed(fmt.Sprintf("有 %d 个数据在该时点之后变动，请先查看。", newer), fmt.Sprintf("%d figures have changed since then: look at them first.", newer))
	case len(decisions) == 0:
		err = refuse("%[2]s 的 %[1]s 没有待确认的数据。", "Nothing of %[1]s for %[2]s is provisional.", indicator.ID, period)
	}
	return decisions, err
}

// figures finds the indicator and the period that somebody named.
func (s *site) figures(id, when string) (*fact.Indicator, fact.Period, error) {
	indicator, err := s.board.Indicator(id)
	if err != nil {
		return nil, fact.Period{}, refuse("目录中没有指标“%[1]s”。", "%[2]v.", id, err)
	}
	period, err := fact.ParsePeriod(when)
	if err != nil {
		return nil, period, refuse("统计期“%[1]s”不符合格式，应为 2025、2025-Q4、2025-12 等。", "%[2]v.", when, err)
	}
	if period.Cadence() != indicator.Cadence {
		return nil, period, refuse("%[3]s 不是指标 %[1]s 的统计期，该指标的统计期形如 %[4]s。", "%[1]s has a figure a %[2]s; %[3]s is none.", indicator.ID, indicator.Cadence, period, fact.PeriodAt(time.Date(2025, time.December, 31, 0, 0, 0, 0, time.UTC), indicator.Cadence))
	}
	return indicator, period, nil
}

func (s *site) decided(run int64, committed fact.Committed, values map[fact.Key]float64) Decided {
	decided := Decided{Run: run, Figures: []DecidedFigure{}}
	for i := range committed.Decisions {
		d := &committed.Decisions[i]
		f := DecidedFigure{
			Indicator: d.Indicator, Code: d.Region, Dimensions: string(d.Dimensions), Period: d.Period.String(), Value: values[d.Key], Revision: d.Revision,
		}
		f.Name = s.register.nameAt(d.Region, d.Period)
		decided.Figures = append(decided.Figures, f)
	}
	return decided
}
