package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// checkArguments returns an error if an argument or the value of a flag is empty, as if a script uses a variable that is not set.
// A command would ignore a flag with an empty value, and could do more than was asked. An empty path would mean the current
// folder. checkArguments also refuses text that is not UTF-8, which the parser would change, and a flag without its value.
func checkArguments(args []string, grammar *kong.Node) error {
	flagsEnd := slices.Index(args, "--")
	if flagsEnd < 0 {
		flagsEnd = len(args)
	}
	for i, arg := range args {
		flag, value, hasValue := strings.Cut(arg, "=")
		isFlag := i < flagsEnd && strings.HasPrefix(flag, "--")
		switch {
		case arg == "":
			return emptyArgument(args[:i], grammar)
		case !utf8.ValidString(arg):
			return fmt.Errorf("%q is not UTF-8; right would be text in UTF-8; nothing was done", arg)
		case isFlag && hasValue && value == "" && isSwitch(grammar, flag):
			return fmt.Errorf("%s needs no value; right would be %s alone; nothing was done", flag, flag)
		case isFlag && hasValue && value == "":
			return emptyValue(flag)
		case isFlag && !hasValue && needsValue(grammar, flag) && !beginsWithValue(args[i+1:]):
			return fmt.Errorf("the value of %s is missing; right would be %s=VALUE; nothing was done", flag, flag)
		}
	}
	return nil
}

// emptyArgument returns the error for an empty argument that follows the arguments before. If the last of these is a flag that
// still needs a value, the empty argument is that value.
func emptyArgument(before []string, grammar *kong.Node) error {
	last := ""
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	switch {
	case last == "--" || strings.Contains(last, "=") || isSwitch(grammar, last):
		return fmt.Errorf("the argument after %s is empty; nothing was done", last)
	case strings.HasPrefix(last, "--"):
		return emptyValue(last)
	}
	return errors.New("an argument is empty; nothing was done")
}

func emptyValue(flag string) error {
	return fmt.Errorf("the value of %s is empty; right would be a value; nothing was done", flag)
}

// beginsWithValue reports whether the first argument can be the value of a flag. A single - is the standard input.
func beginsWithValue(args []string) bool {
	return len(args) > 0 && (args[0] == "-" || !strings.HasPrefix(args[0], "-"))
}

// isSwitch reports whether any command has this flag and the flag needs no value.
func isSwitch(grammar *kong.Node, flag string) bool {
	return hasFlag(grammar, func(f *kong.Flag) bool { return "--"+f.Name == flag && f.IsBool() })
}

// needsValue reports whether any command has this flag and the flag needs a value.
func needsValue(grammar *kong.Node, flag string) bool {
	return hasFlag(grammar, func(f *kong.Flag) bool { return "--"+f.Name == flag && !f.IsBool() })
}

func hasFlag(node *kong.Node, is func(*kong.Flag) bool) bool {
	return slices.ContainsFunc(node.Flags, is) ||
		slices.ContainsFunc(node.Children, func(child *kong.Node) bool { return hasFlag(child, is) })
}
