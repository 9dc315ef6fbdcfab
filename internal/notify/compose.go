package notify

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Composed is what would be sent to one region, or why nothing is.
type Composed struct {
	Region      Region
	New, Remain int // lines newly late, and chronic ones
	// Messages has one for every receiver; none where there is nothing to say or
	// nobody to say it to.
	Messages []Message
	// Unheard says that there is something to say and no route for it.
	Unheard bool
}

// Compose writes the digests of the alerts for the present day, and stores
// nothing. AsOf is when they were last heard of.
func (n *Notifier) Compose(alerts []Alert, asOf time.Time) []Composed {
	s := n.settings.Load()
	now := n.options.Now().In(s.Zone)
	if !asOf.IsZero() {
		asOf = asOf.In(s.Zone)
	}
	var all []Composed
	for _, d := range digests(alerts, s.Cities, s.Site, now, asOf, s.ChronicAfter) {
		c := Composed{Region: d.Region, New: len(d.New), Remain: len(d.Chronic)}
		if empty := c.New+c.Remain == 0; !empty || s.SaysNothing {
			c.Messages = s.messages(d, now)
			c.Unheard = !empty && len(c.Messages) == 0
		}
		all = append(all, c)
	}
	return all
}

// messages writes a digest for everybody who gets it. Where two routes lead to
// one receiver, the first counts.
func (s *Settings) messages(d Digest, now time.Time) []Message {
	var all []Message
	for _, r := range s.Routes {
		if len(r.Regions) > 0 && !slices.Contains(r.Regions, d.Region.Code) {
			continue
		}
		receivers := r.To
		if len(receivers) == 0 {
			receivers = []string{""}
		}
		format := s.Channels[r.Channel].Format()
		body := d.text(format, s.Wording, r.Mention)
		for _, to := range receivers {
			m := Message{
				Key:  Key{Channel: r.Channel, To: to, Region: d.Region.Code, Day: d.Day},
				City: d.Region.Name, Subject: d.subject(), Body: body,
				State: Pending, Stored: now, Next: now, Changed: now,
			}
			if len(d.New)+len(d.Chronic) > 0 { // nobody is called for nothing
				m.Mention = r.Mention
			}
			if !slices.ContainsFunc(all, func(other Message) bool { return other.Key == m.Key }) {
				all = append(all, m)
			}
		}
	}
	return all
}

// Report says what became of digests that were to be sent.
type Report struct {
	Stored
	// Unheard are the regions with something to say and no route for it.
	Unheard []Region
}

// Send stores the digests of the alerts, from where they are sent. What was sent
// already today is not sent again.
func (n *Notifier) Send(ctx context.Context, alerts []Alert, asOf time.Time) (Report, error) {
	var report Report
	var messages []Message
	for _, c := range n.Compose(alerts, asOf) {
		messages = append(messages, c.Messages...)
		if c.Unheard {
			report.Unheard = append(report.Unheard, c.Region)
			n.options.Log.WarnContext(ctx, "there is a digest that no route takes: add one for the region under notify.routes", "region", c.Region.Code, "name", c.Region.Name)
		}
	}
	var err error
	if report.Stored, err = n.options.Store.Put(ctx, messages); err != nil {
		return report, fmt.Errorf("store the digests: %w", err)
	}
	n.metrics.queued.Add(float64(report.New))
	n.mu.Lock()
	clear(n.again)
	n.mu.Unlock()
	n.rouse()
	return report, nil
}
