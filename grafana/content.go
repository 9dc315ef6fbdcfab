package grafana

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// hashTag begins the tag that says which content a board had when we wrote it.
const hashTag = "govkpi-sha256-"

// hashDigits is how many hex digits of the hash the tag holds.
const hashDigits = 16

// content is a board as we write it, without what belongs to one server (id,
// version) and without the tag that depends on all the rest.
type content map[string]any

// parseContent reads a board's JSON. Numbers keep their digits.
func parseContent(raw []byte) (content, error) {
	var c content
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&c); err != nil {
		return nil, fmt.Errorf("the board is no JSON object: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one JSON value")
	}
	if c == nil {
		return nil, errors.New("the board is no JSON object")
	}
	delete(c, "id")
	delete(c, "version")
	return c, nil
}

// content returns the board with our tag.
func (b Board) content(tag string) (content, error) {
	c, err := parseContent(b.JSON)
	switch {
	case err != nil:
		return nil, fmt.Errorf("board %s: %w", b.UID, err)
	case c["uid"] != b.UID:
		return nil, fmt.Errorf("board %s: the uid in its JSON is %v", b.UID, c["uid"])
	case c["title"] != b.Title:
		return nil, fmt.Errorf("board %s: the title in its JSON is %v, not %q", b.UID, c["title"], b.Title)
	}
	if tags := c.tags(); !slices.Contains(tags, tag) {
		c.setTags(append(tags, tag))
	}
	return c, nil
}

func (c content) tags() []string {
	list, _ := c["tags"].([]any)
	tags := make([]string, 0, len(list))
	for _, tag := range list {
		if text, ok := tag.(string); ok {
			tags = append(tags, text)
		}
	}
	return tags
}

func (c content) setTags(tags []string) {
	list := make([]any, len(tags))
	for i, tag := range tags {
		list[i] = tag
	}
	c["tags"] = list
}

// hash is SHA-256, in hex, over the canonical form.
func (c content) hash() (string, error) {
	written, err := canonical(c, "")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(written)
	return hex.EncodeToString(sum[:]), nil
}

// stamped returns a copy with the tag of the hash.
func (c content) stamped(hash string) content {
	stamped := maps.Clone(c)
	stamped.setTags(append(c.tags(), hashTag+hash[:hashDigits]))
	return stamped
}

// unstamp takes the tag of the hash away and returns it without its beginning;
// empty where there is none. Two of them make it nobody's.
func (c content) unstamp() string {
	stamp := ""
	tags := slices.DeleteFunc(c.tags(), func(tag string) bool {
		hash, ok := strings.CutPrefix(tag, hashTag)
		if ok {
			stamp += hash
		}
		return ok
	})
	if stamp != "" {
		c.setTags(tags)
	}
	return stamp
}

// canonical writes sorted keys, and nothing escaped that need not be.
func canonical(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return b.Bytes(), nil
}

// hashOf is the hash of what else can be written as JSON.
func hashOf(v any) string {
	written, err := canonical(v, "")
	if err != nil {
		return "" // not reached: only structs of texts come here
	}
	sum := sha256.Sum256(written)
	return hex.EncodeToString(sum[:])
}

// mapFeatures is how Map reads its content.
type mapFeatures struct {
	Type     string `json:"type"`
	Features []struct {
		ID any `json:"id"`
	} `json:"features"`
}

// longestMap keeps a browser from choking on outlines that nobody simplified.
const longestMap = 4 << 20

// validate refuses a map that Grafana would draw empty and without a word.
func (m Map) validate() error {
	var read mapFeatures
	err := json.Unmarshal(m.Content, &read)
	switch {
	case !fileName(m.Name):
		return fmt.Errorf("map %q: a name is letters, digits, ., - and _", m.Name)
	case err != nil:
		return fmt.Errorf("map %s is no GeoJSON: %w", m.Name, err)
	case read.Type != "FeatureCollection" || len(read.Features) == 0:
		return fmt.Errorf("map %s is no FeatureCollection with features", m.Name)
	case len(m.Content) > longestMap:
		return fmt.Errorf("map %s has %d bytes: simplify its outlines to at most %d", m.Name, len(m.Content), longestMap)
	}
	known := map[string]bool{}
	for i, feature := range read.Features {
		id, ok := feature.ID.(string)
		switch {
		case !ok || id == "":
			return fmt.Errorf("map %s: feature %d has no text as its id, which must be the region's code", m.Name, i+1)
		case known[id]:
			return fmt.Errorf("map %s: the feature %s stands twice", m.Name, id)
		}
		known[id] = true
	}
	return nil
}

func fileName(name string) bool {
	return name != "" && name[0] != '.' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}
