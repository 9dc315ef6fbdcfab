package spreadsheet

// Parse opens content without a file, for fuzzing.
func Parse(name string, content []byte, limits Limits) (*Workbook, error) {
	return parse(name, content, limits)
}
