package config

import "github.com/govkpi/govkpi/internal/fact"

type themeBlock struct {
	Self  *node     `yaml:",self"`
	ID    string    `yaml:"id"`
	Title textBlock `yaml:"title"`
}

func (l *loader) loadThemes(blocks []*themeBlock) {
	l.themes = map[string]*node{}
	for _, b := range blocks {
		l.kebab(b.Self, "id")
		l.unique(b.Self, "id", b.ID, l.themes)
		l.config.Themes = append(l.config.Themes, fact.Theme{ID: b.ID, Title: l.text(&b.Title)})
	}
}
