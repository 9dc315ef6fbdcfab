package channel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// feishuBytes is what a robot of Feishu takes, less the JSON around it.
const feishuBytes = 20_000 - 1000

func feishuKind() Kind { return Kind{Name: "feishu", New: newFeishu} }

// newFeishu makes a robot in a group of Feishu (飞书群机器人), with or without a
// signature.
func newFeishu(o Options, now func() time.Time) (notify.Channel, error) {
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
	format := notify.Format{Bytes: feishuBytes, Mention: func(name string) string { return `<at user_id="` + name + `"></at>` }}
	message := func(m notify.Message) (body any, query url.Values) {
		content := map[string]any{"msg_type": "text", "content": map[string]any{"text": m.Body}}
		if block.Secret != "" {
			content["timestamp"], content["sign"] = feishuSignature(block.Secret, now())
		}
		return content, nil
	}
	return &robot{poster: post, format: format, message: message, verdict: feishuVerdict}, nil
}

// feishuSignature signs nothing, with the time and the secret as the key.
func feishuSignature(secret string, now time.Time) (timestamp, sign string) {
	timestamp = strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(timestamp+"\n"+secret))
	return timestamp, base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func feishuVerdict(code int64, text string) error {
	switch code {
	case 0:
		return nil
	case 11232: // too many in a minute
		return &notify.WaitError{For: usualWait, Reason: answered(code, text).Error()}
	}
	return refused("%w", answered(code, text))
}
