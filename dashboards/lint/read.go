package lint

import (
	"encoding/json"
	"fmt"
	"slices"
)

// board is what the rules look at of a board; whole is all of it.
type board struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Editable      *bool    `json:"editable"`
	SchemaVersion int      `json:"schemaVersion"`
	Tags          []string `json:"tags"`
	Links         []link   `json:"links"`
	Panels        []*panel `json:"panels"`
	Templating    struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []annotation `json:"list"`
	} `json:"annotations"`

	whole map[string]any
}

// wallTag marks the boards of a wall.
const wallTag = "govkpi-wall"

func (b *board) wall() bool { return slices.Contains(b.Tags, wallTag) }

type panel struct {
	ID          int         `json:"id"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Datasource  *datasource `json:"datasource"`
	GridPos     grid        `json:"gridPos"`
	Targets     []target    `json:"targets"`
	Links       []link      `json:"links"`
	FieldConfig struct {
		Defaults  field      `json:"defaults"`
		Overrides []override `json:"overrides"`
	} `json:"fieldConfig"`
	Transformations []struct {
		ID string `json:"id"`
	} `json:"transformations"`
}

// name is how findings call the panel.
func (p *panel) name() string {
	if p.Title != "" {
		return p.Title
	}
	return fmt.Sprintf("%s %d", p.Type, p.ID)
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type grid struct{ X, Y, W, H int }

type target struct {
	RefID      string      `json:"refId"`
	Datasource *datasource `json:"datasource"`
	Expr       string      `json:"expr"`
	Instant    bool        `json:"instant"`
}

type field struct {
	Unit  string `json:"unit"`
	Links []link `json:"links"`
}

type override struct {
	Matcher struct {
		ID      string `json:"id"`
		Options any    `json:"options"`
	} `json:"matcher"`
	Properties []struct {
		ID    string          `json:"id"`
		Value json.RawMessage `json:"value"`
	} `json:"properties"`
}

type link struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	IncludeVars bool   `json:"includeVars"`
	KeepTime    bool   `json:"keepTime"`
}

type variable struct {
	Name       string      `json:"name"`
	Type       string      `json:"type"`
	Query      any         `json:"query"`
	Refresh    int         `json:"refresh"`
	AllValue   string      `json:"allValue"`
	Datasource *datasource `json:"datasource"`
	Current    struct {
		Text  any `json:"text"`
		Value any `json:"value"`
	} `json:"current"`
}

type annotation struct {
	Name       string      `json:"name"`
	Expr       string      `json:"expr"`
	Step       string      `json:"step"`
	Datasource *datasource `json:"datasource"`
}

func readBoard(raw []byte) (*board, error) {
	var b board
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("this is no dashboard: %w", err)
	}
	if err := json.Unmarshal(raw, &b.whole); err != nil {
		return nil, fmt.Errorf("this is no JSON object: %w", err)
	}
	return &b, nil
}
