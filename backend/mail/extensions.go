package mail

import "strings"

// extensions are what a server says that it can do in its answer to EHLO: upper-case parameters by upper-case keyword.
// Keywords and mechanisms are read in any letter case (RFC 5321, 2.4; RFC 4422, 3.1).
type extensions map[string][]string

// parseExtensions reads the lines of an answer to EHLO. The first line is the server's name by RFC 5321, and it is read
// like the others: a server that leaves the name out still has its STARTTLS seen.
func parseExtensions(lines []string) extensions {
	found := make(extensions)
	for _, line := range lines {
		line = strings.ToUpper(line)
		if strings.HasPrefix(strings.TrimSpace(line), "AUTH=") { // the form of servers older than RFC 2554
			line = strings.Replace(line, "=", " ", 1)
		}
		if words := strings.Fields(line); len(words) > 0 {
			found[words[0]] = append(found[words[0]], words[1:]...)
		}
	}
	return found
}

// has tells whether the server offers an extension.
func (e extensions) has(keyword string) bool {
	_, found := e[keyword]
	return found
}
