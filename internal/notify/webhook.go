package notify

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// longestWebhook is how many bytes Alertmanager may post at once: far more than
// an alert for every indicator of every county takes.
const longestWebhook = 16 << 20

// webhookHandler takes what Alertmanager posts.
type webhookHandler struct{ n *Notifier }

// ServeHTTP implements http.Handler.
func (h webhookHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "告警须以 POST 提交。 Alerts come by POST.", http.StatusMethodNotAllowed)
		return
	}
	log := h.n.options.Log
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestWebhook))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		log.WarnContext(r.Context(), "a webhook is too long; lower max_alerts of the receiver or group more finely", "most_bytes", tooLong.Limit)
		http.Error(w, "告警内容过长。 That is too long.", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		return // the client has gone
	}
	alerts, truncated, err := DecodeWebhook(body)
	if err != nil {
		log.WarnContext(r.Context(), "a webhook was refused", "err", err)
		http.Error(w, fmt.Sprintf("告警内容无法识别。 This is no webhook of Alertmanager: %v.", err), http.StatusBadRequest)
		return
	}
	if truncated > 0 {
		log.WarnContext(r.Context(), "alerts were left out of a webhook by Alertmanager; raise max_alerts of the receiver", "left_out", truncated)
	}
	if err := h.n.Receive(r.Context(), alerts); err != nil {
		log.ErrorContext(r.Context(), "alerts of a webhook could not be stored", "err", err)
		http.Error(w, "告警未能保存，请重试。 The alerts could not be stored: try again.", http.StatusServiceUnavailable)
	}
}
