package channel

import (
	"fmt"
	"net/url"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// What a robot of WeCom takes, in bytes of UTF-8.
const (
	wecomMarkdownBytes = 4096
	wecomTextBytes     = 2048
)

func wecomKind() Kind { return Kind{Name: "wecom", New: newWeCom} }

// newWeCom makes a robot in a group of WeCom (企业微信群机器人).
func newWeCom(o Options, _ func() time.Time) (notify.Channel, error) {
	var block struct {
		URL    string `yaml:"url,secret"`
		Format string `yaml:"format"`
	}
	if err := o.Decode(&block); err != nil {
		return nil, err //nolint:wrapcheck // it says where
	}
	if block.Format != "markdown" && block.Format != "text" {
		return nil, o.Errorf("format", "format: unknown format %q: expected markdown or text", block.Format)
	}
	post, err := newPoster(o, block.URL, "")
	if err != nil {
		return nil, err
	}
	r := &robot{poster: post, message: wecomText, verdict: wecomVerdict, format: notify.Format{Bytes: wecomTextBytes}}
	if block.Format == "markdown" {
		r.message = wecomMarkdown
		r.format = notify.Format{
			Bytes: wecomMarkdownBytes, Markdown: true,
			Mention: func(name string) string { return "<@" + name + ">" },
		}
	}
	return r, nil
}

func wecomMarkdown(m notify.Message) (body any, query url.Values) {
	return map[string]any{"msgtype": "markdown", "markdown": map[string]any{"content": m.Body}}, nil
}

func wecomText(m notify.Message) (body any, query url.Values) {
	text := map[string]any{"content": m.Body}
	if len(m.Mention) > 0 {
		text["mentioned_list"] = m.Mention
	}
	return map[string]any{"msgtype": "text", "text": text}, nil
}

func wecomVerdict(code int64, text string) error {
	switch code {
	case 0:
		return nil
	case 45009: // too many in a minute
		return &notify.WaitError{For: usualWait, Reason: answered(code, text).Error()}
	case -1: // the system is busy
		return fmt.Errorf("try again: %w", answered(code, text))
	}
	return refused("%w", answered(code, text))
}
