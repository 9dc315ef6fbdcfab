package config

import (
	"fmt"
	"os"

	"go.yaml.in/yaml/v4"
)

// WebUsers returns the names under basic_auth_users of a Prometheus web
// configuration file: whose passwords the server checks. Everything else in it is
// for the server to read and to refuse.
func WebUsers(file string) (map[string]bool, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the web configuration: %w", err)
	}
	var web struct {
		Users map[string]string `yaml:"basic_auth_users"`
	}
	if err := yaml.Unmarshal(content, &web); err != nil {
		return nil, fmt.Errorf("read basic_auth_users of the web configuration %s: %w", file, err)
	}
	users := make(map[string]bool, len(web.Users))
	for name := range web.Users {
		users[name] = true
	}
	return users, nil
}
