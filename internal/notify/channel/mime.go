package channel

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// base64Line is how many characters a line of base64 has in a message.
const base64Line = 76

// compose writes a message as it goes over the wire. Its id is the same for
// every attempt, so that mailboxes can tell a second copy.
func (e *email) compose(m notify.Message, to *mail.Address) []byte {
	_, domain, _ := strings.Cut(e.from.Address, "@")
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("From", e.from.String())
	header("To", to.String())
	header("Subject", folded(m.Subject))
	header("Date", e.now().Format(time.RFC1123Z))
	header("Message-ID", "<"+idempotencyKey(m.Key)+"@"+domain+">")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "base64")
	header("Auto-Submitted", "auto-generated")
	b.WriteString("\r\n")
	encoded := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(m.Body, "\n", "\r\n") + "\r\n"))
	for len(encoded) > base64Line {
		b.WriteString(encoded[:base64Line] + "\r\n")
		encoded = encoded[base64Line:]
	}
	b.WriteString(encoded + "\r\n")
	return b.Bytes()
}

// folded encodes a header and breaks it between its encoded words, since a line
// of a header must not be long.
func folded(s string) string {
	return strings.ReplaceAll(mime.BEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}
