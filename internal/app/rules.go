package app

import (
	"errors"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/rules"
)

// RuleFile is a file of Prometheus rules.
type RuleFile = rules.File

// errNoAlerts is what commands say of a configuration without a policy.
var errNoAlerts = errors.New("the configuration has no section alerts, so there are no rules: docs/alerts/README.md says what to write")

// RuleGroups makes the alert rules of a configuration; none where it has no
// section alerts.
func RuleGroups(cfg *config.Config) ([]rules.Group, error) {
	if cfg.Alerts == nil {
		return nil, nil
	}
	return rules.Generate(ruleSite(cfg))
}

// RuleFiles makes the alert rules of a configuration as files.
func RuleFiles(cfg *config.Config) ([]RuleFile, error) {
	groups, err := RuleGroups(cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Alerts == nil {
		return nil, errNoAlerts
	}
	return rules.Write(groups)
}

// CheckRuleFile reads a rule file as Prometheus does, and holds its metrics and
// labels against those that there are. It returns how many rules it has.
func CheckRuleFile(cfg *config.Config, f RuleFile) (int, error) { return rules.Check(ruleSite(cfg), f) }

func ruleSite(cfg *config.Config) *rules.Site {
	return &rules.Site{
		Name: cfg.Site.Name, Zone: cfg.Site.Zone, Calendar: cfg.Calendar,
		Indicators: cfg.Indicators, Regions: cfg.Regions, Policy: cfg.Alerts,
	}
}
