package cli

import "fmt"

// count says how many: 1 fault, 2 faults.
func count(many int, thing string) string {
	if many == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", many, thing)
}
