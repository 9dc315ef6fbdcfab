package config

import (
	"fmt"

	"github.com/govkpi/govkpi/internal/fact"
)

func parseDirection(s string) (fact.Direction, error) {
	for d := fact.MoreIsBetter; d <= fact.LessIsBetter; d++ {
		if d.String() == s {
			return d, nil
		}
	}
	return 0, fmt.Errorf("unknown direction %q: expected more or less", s)
}

func parsePrecision(s string) (fact.Precision, error) {
	switch s {
	case "exact":
		return fact.Exact, nil
	case "at_least":
		return fact.AtLeast, nil
	case "nearest":
		return fact.Nearest, nil
	}
	return 0, fmt.Errorf("unknown precision %q: expected exact, at_least or nearest", s)
}

func parseChangeKind(s string) (fact.ChangeKind, error) {
	switch kind := fact.ChangeKind(s); kind {
	case fact.Renamed, fact.Merged, fact.SplitOff:
		return kind, nil
	}
	return "", fmt.Errorf("unknown kind of change %q: expected %s, %s or %s", s, fact.Renamed, fact.Merged, fact.SplitOff)
}

func parseRankBy(s string) (fact.RankBy, error) {
	switch s {
	case "value":
		return fact.RankByValue, nil
	case "attainment":
		return fact.RankByAttainment, nil
	case "per_village":
		return fact.RankPerVillage, nil
	case "per_10000_people":
		return fact.RankPerTenThousandPeople, nil
	case "none":
		return fact.NotRanked, nil
	}
	return 0, fmt.Errorf("unknown measure %q: expected value, attainment, per_village, per_10000_people or none", s)
}

func parsePer(s string) (fact.Per, error) {
	switch s {
	case "village":
		return fact.PerVillage, nil
	case "10000-people":
		return fact.PerTenThousandPeople, nil
	}
	return 0, fmt.Errorf("unknown basis %q: expected village or 10000-people", s)
}

// parseIndicatorAlert reads the name of an alert that can be switched off for one
// indicator.
func parseIndicatorAlert(s string) (fact.AlertKind, error) {
	switch kind := fact.AlertKind(s); kind {
	case fact.RegionBehindTarget, fact.RegionBehindPeers, fact.RegionStalled, fact.ReportOverdue, fact.CoverageLow, fact.TotalsDisagree, fact.FigureHeld:
		return kind, nil
	}
	return "", fmt.Errorf("there is no alert %q on an indicator: expected RegionBehindTarget, RegionBehindPeers, RegionStalled, ReportOverdue, CoverageLow, TotalsDisagree or FigureHeld", s)
}
