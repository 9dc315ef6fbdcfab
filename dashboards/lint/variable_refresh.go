package lint

import "fmt"

// onTimeChange is when a variable asks for its choices anew.
const onTimeChange = 2

// variableRefresh: a variable that does not ask again offers the regions of the
// day the board was made; and on a wall nobody makes a first choice.
func variableRefresh(s *set, report func(place, string)) {
	for _, b := range s.boards {
		for _, v := range b.Templating.List {
			if v.Type == "query" && v.Refresh != onTimeChange {
				report(place{b, nil}, fmt.Sprintf("the variable %s has refresh %d: expected %d, whenever the time range changes", v.Name, v.Refresh, onTimeChange))
			}
			if value, ok := v.Current.Value.(string); !ok || value == "" {
				report(place{b, nil}, fmt.Sprintf("the variable %s has no current value", v.Name))
			}
		}
	}
}
