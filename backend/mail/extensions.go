package mail

import "strings"

// extensions are the extensions that a server offers in its answer to EHLO: parameters by keyword, both in upper case.
// Servers may write keywords and mechanisms in any letter case (RFC 5321, 2.4; RFC 4422, 3.1).
type extensions map[string][]string

// parseExtensions reads the lines of an answer to EHLO. RFC 5321 wants the server's name on the first line. It is read like
// the others, because some servers omit the name and begin with STARTTLS.
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

// has reports whether the server offers an extension.
func (e extensions) has(keyword string) bool {
	_, found := e[keyword]
	return found
}
