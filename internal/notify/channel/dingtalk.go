package channel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// dingtalkBytes is what a robot of DingTalk takes, less the spaces that every
// line gets on its way.
const dingtalkBytes = 20_000 - 2*20

// dingtalkPause is how long a robot of DingTalk is deaf after too many messages.
const dingtalkPause = 10 * time.Minute

func dingtalkKind() Kind { return Kind{Name: "dingtalk", New: newDingTalk} }

// newDingTalk makes a robot in a group of DingTalk (钉钉群机器人), with or without
// a signature.
func newDingTalk(o Options, now func() time.Time) (notify.Channel, error) {
	var block struct {
		URL    string `yaml:"url,secret"`
		Secret string `yaml:"secret,secret,optional"`
	}
	if err := o.Decode(&block); err != nil {
		return nil, err //nolint:wrapcheck // it says where
	}
	post, err := newPoster(o, block.URL, "")
	if err != nil {
		return nil, err
	}
	format := notify.Format{Bytes: dingtalkBytes, Markdown: true, Mention: func(name string) string { return "@" + name }}
	message := func(m notify.Message) (body any, query url.Values) {
		if block.Secret != "" {
			query = dingtalkSignature(block.Secret, now())
		}
		return map[string]any{
			"msgtype": "markdown",
			// A line ends where two spaces stand before its break.
			"markdown": map[string]any{"title": m.Subject, "text": strings.ReplaceAll(m.Body, "\n", "  \n")},
			"at":       map[string]any{"atUserIds": append([]string{}, m.Mention...), "isAtAll": false},
		}, query
	}
	return &robot{poster: post, format: format, message: message, verdict: dingtalkVerdict}, nil
}

func dingtalkSignature(secret string, now time.Time) url.Values {
	timestamp := strconv.FormatInt(now.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "\n" + secret))
	return url.Values{"timestamp": {timestamp}, "sign": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}}
}

func dingtalkVerdict(code int64, text string) error {
	switch code {
	case 0:
		return nil
	case 130101, 410100: // too many in a minute
		return &notify.WaitError{For: dingtalkPause, Reason: answered(code, text).Error()}
	case -1: // the system is busy
		return fmt.Errorf("try again: %w", answered(code, text))
	}
	return refused("%w", answered(code, text))
}
