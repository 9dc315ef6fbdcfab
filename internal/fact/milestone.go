package fact

// Milestone is a day on which something began that figures can be read by, such
// as a policy. It changes no figure; charts mark it.
type Milestone struct {
	Day       Period // of cadence day
	Title     Text
	Source    string // where it is written
	Synthetic bool   // made up for the demo
}
