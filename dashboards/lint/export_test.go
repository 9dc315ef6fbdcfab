package lint

// Families are the labels of every family of a contract, by name.
func Families(c Contract) map[string][]string {
	all := map[string][]string{}
	for name, f := range c.families() {
		all[name] = f.labels
	}
	return all
}
