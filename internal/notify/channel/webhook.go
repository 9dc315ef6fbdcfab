package channel

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// The headers of a webhook.
const (
	headerKey       = "Idempotency-Key"
	headerTimestamp = "X-Govkpi-Timestamp"
	headerSignature = "X-Govkpi-Signature"
)

func webhookKind() Kind { return Kind{Name: "webhook", New: newWebhook} }

// webhook posts messages as JSON to whatever takes them.
type webhook struct {
	*poster
	secret string // empty signs nothing
	bearer string // empty is none
	now    func() time.Time
}

// webhookMessage is the JSON of a message.
type webhookMessage struct {
	Version int      `json:"version"`
	Key     string   `json:"key"` // the same for every attempt
	Channel string   `json:"channel"`
	Region  string   `json:"region"`
	City    string   `json:"city"`
	Day     string   `json:"day"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	Mention []string `json:"mention"`
}

func newWebhook(o Options, now func() time.Time) (notify.Channel, error) {
	var block struct {
		URL    string `yaml:"url,secret"`
		Secret string `yaml:"secret,secret,optional"`
		Bearer string `yaml:"bearer,secret,optional"`
		CA     string `yaml:"ca,secret,optional"`
	}
	if err := o.Decode(&block); err != nil {
		return nil, err //nolint:wrapcheck // it says where
	}
	post, err := newPoster(o, block.URL, block.CA)
	if err != nil {
		return nil, err
	}
	return &webhook{poster: post, secret: block.Secret, bearer: block.Bearer, now: now}, nil
}

// Format implements notify.Channel.
func (w *webhook) Format() notify.Format { return notify.Format{} }

// Send implements notify.Channel. A doubt is no reason not to try again: the
// receiver knows by the key what it has already.
func (w *webhook) Send(ctx context.Context, m notify.Message) error {
	key := idempotencyKey(m.Key)
	body, err := json.Marshal(webhookMessage{
		Version: 1, Key: key, Channel: m.Channel, Region: m.Region, City: m.City, Day: m.Day,
		Subject: m.Subject, Text: m.Body, Mention: append([]string{}, m.Mention...),
	})
	if err != nil {
		return refused("it can't be written as JSON: %w", err)
	}
	header := http.Header{}
	header.Set(headerKey, key)
	if w.bearer != "" {
		header.Set("Authorization", "Bearer "+w.bearer)
	}
	if w.secret != "" {
		timestamp := strconv.FormatInt(w.now().Unix(), 10)
		header.Set(headerTimestamp, timestamp)
		header.Set(headerSignature, "sha256="+signature(w.secret, timestamp, body))
	}
	if _, err = w.post(ctx, nil, header, body); errors.Is(err, notify.ErrDoubtful) {
		return fmt.Errorf("no receipt: %s", err.Error()) // unwrapped: a doubt that the key resolves is none
	}
	return err
}

// signature signs the time with the body, so that nobody can send it again.
func signature(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// idempotencyKey is the same for every attempt at a message, and for no other.
func idempotencyKey(k notify.Key) string {
	h := sha256.New()
	for _, part := range []string{k.Channel, k.To, k.Region, k.Day} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	const enough = 16 // bytes
	return hex.EncodeToString(h.Sum(nil)[:enough])
}
