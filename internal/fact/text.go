package fact

// Text is a phrase in the two languages that people meet in pages, dashboards
// and messages. Both are required wherever the configuration asks for a Text.
type Text struct {
	ZH string
	EN string
}
