package quality

import (
	"context"

	"github.com/govkpi/govkpi/internal/fact"
)

// fractionProper holds the parts of a proper fraction against each other: no
// more can be done than there is to do. The other part is taken from the same
// delivery or else from the history, so it does not matter which comes first.
type fractionProper struct {
	fractions []fraction
	past      past
	names     names
}

type fraction struct{ ratio, numerator, denominator *fact.Indicator }

func properFractions(catalogue []fact.Indicator, byID map[string]*fact.Indicator) []fraction {
	var all []fraction
	for i := range catalogue {
		ratio := &catalogue[i]
		numerator, denominator := byID[ratio.Numerator], byID[ratio.Denominator]
		if ratio.Kind == fact.RatioKind && ratio.ProperFraction && numerator != nil && denominator != nil {
			all = append(all, fraction{ratio, numerator, denominator})
		}
	}
	return all
}

func (s fractionProper) check(ctx context.Context, d *delivery, refuse func(int32, *fact.Text)) error {
	for _, f := range s.fractions {
		if err := s.numerators(ctx, d, f, refuse); err != nil {
			return err
		}
		if err := s.denominators(ctx, d, f, refuse); err != nil {
			return err
		}
	}
	return nil
}

func (s fractionProper) numerators(ctx context.Context, d *delivery, f fraction, refuse func(int32, *fact.Text)) error {
	for i, numerator := range d.live(d.of(f.numerator.ID)) {
		if j, ok := d.find(f.denominator.ID, numerator); ok {
			if denominator := &d.facts[j]; numerator.Value > denominator.Value {
				reason := s.bothRefused(f, numerator, denominator)
				refuse(i, reason)
				refuse(j, reason)
			}
			continue
		}
		denominator, ok, err := s.past.at(ctx, f.denominator.ID, numerator, numerator.Period)
		if err != nil {
			return err
		}
		if ok && numerator.Value > denominator {
			refuse(i, say(
				"%s %s 的分子 %s 为 %s，大于已记录的分母 %s（%s）：请核对该数值；若分母有误，请先更正分母，下次采集时本数值即可通过。",
				"%[3]s of %[1]s for %[2]s is %[4]s, more than the %[6]s of %[5]s, of which it is a part: check the figure; if %[5]s is wrong, correct it first, and this figure passes at the next run.",
				s.names.of(numerator.Region), numerator.Period.String(), numerator.Indicator, figure(numerator.Value), f.denominator.ID, figure(denominator),
			))
		}
	}
	return nil
}

func (s fractionProper) denominators(ctx context.Context, d *delivery, f fraction, refuse func(int32, *fact.Text)) error {
	for i, denominator := range d.live(d.of(f.denominator.ID)) {
		if _, ok := d.find(f.numerator.ID, denominator); ok {
			continue // numerators has compared the two
		}
		numerator, ok, err := s.past.at(ctx, f.numerator.ID, denominator, denominator.Period)
		if err != nil {
			return err
		}
		if ok && numerator > denominator.Value {
			refuse(i, say(
				"%s %s 的分母 %s 为 %s，小于已记录的分子 %s（%s）：请核对该数值；若分子有误，请先更正分子，下次采集时本数值即可通过。",
				"%[3]s of %[1]s for %[2]s is %[4]s, less than the %[6]s of %[5]s, which is a part of it: check the figure; if %[5]s is wrong, correct it first, and this figure passes at the next run.",
				s.names.of(denominator.Region), denominator.Period.String(), denominator.Indicator, figure(denominator.Value), f.numerator.ID, figure(numerator),
			))
		}
	}
	return nil
}

func (s fractionProper) bothRefused(f fraction, numerator, denominator *fact.Fact) *fact.Text {
	return say(
		"%s %s 的分子 %s（%s，%s）大于分母 %s（%s，%s）；无法判断哪个有误，均未采用：请在来源中核对两者。",
		"In %[1]s for %[2]s the numerator %[3]s (%[4]s, %[5]s) is more than the denominator %[6]s (%[7]s, %[8]s). Nobody can say which is wrong, so neither is taken: check both at the source.",
		s.names.of(numerator.Region), numerator.Period.String(),
		f.numerator.ID, figure(numerator.Value), located(numerator.Place),
		f.denominator.ID, figure(denominator.Value), located(denominator.Place),
	)
}
